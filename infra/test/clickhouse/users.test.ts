import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { passwordVariable, renderUsersConfig, type User, users } from "../../src/clickhouse/usersConfig.ts";
import { Engine } from "../support/engine.ts";
import { FakeS3 } from "../support/fakeS3.ts";
import { actingAs, besideOthers } from "../support/users.ts";

const hash = createHash("sha256").update("a password").digest("hex");
const variables = Object.fromEntries(users.map((user) => [passwordVariable(user), hash]));

const data = mkdtempSync(join(tmpdir(), "users-"));
const store = new FakeS3();
let bucket: string;
beforeAll(async () => {
  bucket = await store.open();
  store.objects.set("a", Buffer.from("an object"));
});
afterAll(async () => {
  await store.close();
  rmSync(data, { recursive: true, force: true });
});

describe("the real engine with the users' configuration", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = new Engine({ users: renderUsersConfig(), variables, data });
    await engine.ask("CREATE DATABASE millimetric");
    await engine.ask(
      "CREATE TABLE millimetric.t (x UInt8, PROJECTION p (SELECT x GROUP BY x)) ENGINE = MergeTree ORDER BY x SETTINGS lightweight_mutation_projection_mode = 'rebuild'",
    );
    await engine.ask("CREATE VIEW millimetric.stored AS SELECT * FROM mergeTreeProjection(millimetric, t, p)");
  });
  afterAll(() => engine.close());

  test("lets the platform's three users in with a password, everybody else only from inside the container", async () => {
    const rows = await engine.ask("SELECT name, auth_type, host_ip, host_names FROM system.users ORDER BY name");
    const withPassword = { auth_type: ["sha256_password"], host_ip: ["::/0"], host_names: [] };
    expect(rows).toEqual([
      { name: "api", ...withPassword },
      { name: "backup", ...withPassword },
      { name: "default", auth_type: ["no_password"], host_ip: [], host_names: ["localhost"] },
      { name: "migrator", ...withPassword },
    ]);
  });
});

const create = "CREATE TABLE millimetric.u (x UInt8) ENGINE = MergeTree ORDER BY x";
const drop = "DROP TABLE millimetric.t";
const insert = "INSERT INTO millimetric.t VALUES (1)";
const read = "SELECT * FROM millimetric.t";
const readProjection = "SELECT * FROM millimetric.stored";
const erase = "DELETE FROM millimetric.t WHERE x = 2";
const outside = "SELECT * FROM url('http://127.0.0.1:1/', 'One')";
const files = "SELECT * FROM file('/etc/passwd', 'LineAsString')";
const schema = "SELECT engine, (SELECT count() FROM system.macros) FROM system.databases WHERE name = 'millimetric'";
const newUser = "CREATE USER eve";
const s3 = "SELECT count() FROM s3('BUCKET/a', 'k', 's', 'One')";
const backup = "BACKUP DATABASE millimetric TO S3('BUCKET/b', 'k', 's')";

// Both shards are this engine itself.
const shards = `<clickhouse>
  <tcp_port>9000</tcp_port>
  <macros><cluster>all</cluster></macros>
  <remote_servers><all>
    ${"<shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard>".repeat(2)}
  </all></remote_servers>
</clickhouse>`;
const ask = "SELECT * FROM cluster('{cluster}', view(SELECT * FROM millimetric.t WHERE x = {x:UInt8}))";

describe("a view over the shards", () => {
  const folder = mkdtempSync(join(tmpdir(), "shards-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const as = async (user: User | undefined, ...statements: string[]) => {
    const config = user === undefined ? renderUsersConfig() : besideOthers(user);
    const engine = new Engine({ config: shards, users: config, variables, data: folder });
    const rows = [];
    try {
      for (const statement of statements) rows.push(await engine.ask(statement));
    } finally {
      await engine.close();
    }
    return rows;
  };

  test("is made by the migrator and read by the API, which may not ask other servers itself", async () => {
    await as(
      undefined,
      "CREATE DATABASE millimetric",
      "CREATE TABLE millimetric.t (x UInt8) ENGINE = MergeTree ORDER BY x",
    );
    const table =
      "CREATE TABLE millimetric.over AS millimetric.t ENGINE = Distributed('{cluster}', 'millimetric', 't', x)";
    await as("migrator", table, `CREATE VIEW millimetric.own DEFINER = CURRENT_USER SQL SECURITY DEFINER AS ${ask}`);
    // In process everybody is `default`, so the maker of this one is named.
    await as(undefined, `CREATE VIEW millimetric.v DEFINER = migrator SQL SECURITY DEFINER AS ${ask}`);
    const [, rows, whole] = await as(
      "api",
      "INSERT INTO millimetric.over SETTINGS distributed_foreground_insert = 1 VALUES (1)",
      "SELECT count() AS rows FROM millimetric.v(x = 1)",
      "SELECT count() AS rows FROM millimetric.over",
    );
    // One row, seen once by each of two shards that are one table.
    expect([rows, whole]).toEqual([[{ rows: 2 }], [{ rows: 2 }]]);
    await expect(as("api", ask.replace("{x:UInt8}", "1"))).rejects.toThrow("ACCESS_DENIED");
  });
});

describe.each<[User, may: string[], mayNot: string[]]>([
  ["api", [insert, read, readProjection, erase, schema], [create, drop, outside, files, s3, backup, newUser]],
  ["migrator", [create, insert, read, schema, "DROP TABLE millimetric.u"], [outside, files, s3, newUser]],
  ["backup", [read, schema, s3, backup, "SELECT count() FROM system.backups"], [insert, erase, create, outside, files]],
])("%s", (user, may, mayNot) => {
  let engine: Engine;
  beforeAll(() => {
    engine = new Engine({ users: actingAs(user), data });
  });
  afterAll(() => engine.close());

  const ask = (sql: string) => engine.ask(sql.replace("BUCKET", bucket));

  test.each(may)("may: %s", async (sql) => {
    await ask(sql);
  });

  test.each(mayNot)("may not: %s", async (sql) => {
    await expect(ask(sql)).rejects.toThrow("ACCESS_DENIED");
  });
});
