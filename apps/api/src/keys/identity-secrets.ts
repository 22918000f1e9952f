import { randomUUID } from "node:crypto";
import { type ClickHouse, instant } from "@millimetric/clickhouse";
import { randomText } from "./api-key.ts";
import { createSealer } from "./sealed.ts";

export interface ListedSecret {
  secret_id: string;
  created_at: string;
  expires_at: string | null;
}

/** The secrets that a project's user hashes are made with, kept in ClickHouse. */
export interface IdentitySecrets {
  /** Makes a new one; those before it work until `others_expire_at`. */
  rotate(project_id: string, others_expire_at: Date): Promise<{ secret_id: string; secret: string }>;
  /** Never the secrets themselves. */
  list(project_id: string): Promise<ListedSecret[]>;
  /** Stops one; false when there is none that still works. */
  revoke(project_id: string, secret_id: string): Promise<boolean>;
  /** Those that work now or will stop later, to make hashes with. */
  working(project_id: string): Promise<WorkingSecret[]>;
}

export interface WorkingSecret {
  secret: string;
  /** Epoch milliseconds, or `Infinity`. */
  until: number;
}

type SecretRecord = ListedSecret & { sealed: string };

const select = `
SELECT secret_id, sealed, created_at, expires_at
FROM identity_secrets_v1 FINAL
WHERE project_id = {project_id:String}
ORDER BY created_at, secret_id`;

const untilOf = ({ expires_at }: ListedSecret) =>
  expires_at === null ? Number.POSITIVE_INFINITY : Date.parse(expires_at);

/** Secrets are sealed with a key derived from `pepper`. */
export function createIdentitySecrets(clickhouse: ClickHouse, pepper: string): IdentitySecrets {
  const sealer = createSealer(pepper, "millimetric identity secrets");
  const records = (project_id: string) => clickhouse.lookUp<SecretRecord>(select, { project_id });

  async function save(project_id: string, changed: readonly SecretRecord[]): Promise<void> {
    const updated_at = instant(new Date());
    const lines = changed.map(({ created_at, expires_at, ...rest }) =>
      JSON.stringify({
        ...rest,
        project_id,
        created_at: instant(new Date(created_at)),
        expires_at: expires_at === null ? null : instant(new Date(expires_at)),
        updated_at,
      }),
    );
    await clickhouse.insert({ table: "identity_secrets_v1", lines, token: randomUUID() });
  }

  return {
    async rotate(project_id, others_expire_at) {
      const others = (await records(project_id)).filter((record) => untilOf(record) > others_expire_at.getTime());
      const secret = `is_${randomText(43)}`;
      const secret_id = randomText(8);
      const made = {
        secret_id,
        sealed: sealer.seal(secret, project_id),
        created_at: new Date().toISOString(),
        expires_at: null,
      };
      // In one block: a project is never left without a secret that works.
      const ending = others.map((record) => ({ ...record, expires_at: others_expire_at.toISOString() }));
      await save(project_id, [made, ...ending]);
      return { secret_id, secret };
    },
    async list(project_id) {
      return (await records(project_id)).map(({ sealed: _, ...listed }) => listed);
    },
    async revoke(project_id, secret_id) {
      const record = (await records(project_id)).find((one) => one.secret_id === secret_id);
      if (record === undefined || untilOf(record) <= Date.now()) return false;
      await save(project_id, [{ ...record, expires_at: new Date().toISOString() }]);
      return true;
    },
    async working(project_id) {
      return (await records(project_id)).flatMap((record) => {
        const secret = sealer.open(record.sealed, project_id);
        const until = untilOf(record);
        return secret === undefined || until <= Date.now() ? [] : [{ secret, until }];
      });
    },
  };
}
