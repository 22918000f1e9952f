import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { passwordVariable, users } from "../clickhouse/usersConfig.ts";

export interface SecretsArgs {
  /** Days in which a deleted secret can be brought back; 0 deletes at once. */
  readonly recoveryDays: number;
  /** Refuses to replace the pepper: without it no API key is valid any more. */
  readonly protect: boolean;
}

/** One secret of the store: a JSON object whose keys can be handed to a container one by one. */
export interface StoredSecret {
  readonly arn: pulumi.Output<string>;
  /** What ECS calls `valueFrom`. */
  key(name: string): pulumi.Output<string>;
}

/** Every secret of the platform: made here, kept in Secrets Manager, read by the one kind of container that needs it. */
export class Secrets extends pulumi.ComponentResource {
  /** `ADMIN_TOKEN`, `KEY_PEPPER`, `CLICKHOUSE_PASSWORD`. */
  readonly api: StoredSecret;
  /** The same names: the migrator has a user of its own. */
  readonly migrator: StoredSecret;
  /** `CLICKHOUSE_PASSWORD`. */
  readonly backup: StoredSecret;
  /** What ClickHouse checks its clients and its siblings by: hashes of the passwords, and two secrets of its own. */
  readonly clickhouse: StoredSecret;

  readonly #name: string;
  readonly #args: SecretsArgs;

  constructor(name: string, args: SecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:Secrets", name, {}, opts);
    this.#name = name;
    this.#args = args;
    const password = { api: this.#random("api"), migrator: this.#random("migrator"), backup: this.#random("backup") };
    const shared = { ADMIN_TOKEN: this.#random("admin-token"), KEY_PEPPER: this.#random("key-pepper", args.protect) };
    this.api = this.#store("api", { ...shared, CLICKHOUSE_PASSWORD: password.api });
    this.migrator = this.#store("migrator", { ...shared, CLICKHOUSE_PASSWORD: password.migrator });
    this.backup = this.#store("backup", { CLICKHOUSE_PASSWORD: password.backup });
    this.clickhouse = this.#store("clickhouse", {
      ...Object.fromEntries(users.map((user) => [passwordVariable(user), password[user].apply(sha256)])),
      INTERSERVER_PASSWORD: this.#random("interserver"),
      CLUSTER_SECRET: this.#random("cluster"),
    });
    this.registerOutputs({});
  }

  #random(what: string, protect = false): pulumi.Output<string> {
    return new random.RandomPassword(`${this.#name}-${what}`, { length: 40, special: false }, { parent: this, protect })
      .result;
  }

  #store(what: string, values: Record<string, pulumi.Output<string>>): StoredSecret {
    const name = `${this.#name}-${what}`;
    const secret = new aws.secretsmanager.Secret(
      name,
      // A deleted secret keeps its name until the recovery window is over: a fixed one could not be made again.
      { namePrefix: `${name}-`, recoveryWindowInDays: this.#args.recoveryDays },
      { parent: this },
    );
    const version = new aws.secretsmanager.SecretVersion(
      name,
      { secretId: secret.id, secretString: pulumi.secret(pulumi.jsonStringify(values)) },
      { parent: this },
    );
    // Whoever reads the secret waits for its value, too.
    const arn = pulumi.all([secret.arn, version.id]).apply(([value]) => value);
    return { arn, key: (key) => pulumi.interpolate`${arn}:${key}::` };
  }
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
