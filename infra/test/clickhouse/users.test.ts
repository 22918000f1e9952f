import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { passwordVariable, renderUsersConfig, type User, users } from "../../src/clickhouse/usersConfig.ts";
import { Engine } from "../support/engine.ts";
import { FakeS3 } from "../support/fakeS3.ts";
import { actingAs } from "../support/users.ts";

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
    await engine.ask("CREATE TABLE millimetric.t (x UInt8) ENGINE = MergeTree ORDER BY x");
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
const erase = "DELETE FROM millimetric.t WHERE x = 2";
const outside = "SELECT * FROM url('http://127.0.0.1:1/', 'One')";
const files = "SELECT * FROM file('/etc/passwd', 'LineAsString')";
const schema = "SELECT engine FROM system.databases WHERE name = 'millimetric'";
const newUser = "CREATE USER eve";
const s3 = "SELECT count() FROM s3('BUCKET/a', 'k', 's', 'One')";
const backup = "BACKUP DATABASE millimetric TO S3('BUCKET/b', 'k', 's')";

describe.each<[User, may: string[], mayNot: string[]]>([
  ["api", [insert, read, erase, schema], [create, drop, outside, files, s3, backup, newUser]],
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
