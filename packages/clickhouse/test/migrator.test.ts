import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type ClickHouse,
  type Migration,
  MigrationError,
  migrate,
  migrationStatus,
  readMigrations,
} from "../src/index.ts";
import { openTemporary } from "./open.ts";

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: false });
});
afterAll(() => clickhouse.close());
beforeEach(async () => {
  for (const table of ["schema_migrations", "a", "b"]) await clickhouse.command(`DROP TABLE IF EXISTS ${table} SYNC`);
});

const createTable = (name: string) => `CREATE TABLE ${name} (x UInt8) ENGINE = MergeTree ORDER BY x`;
const migration = (name: string, ...statements: string[]): Migration => ({
  name,
  checksum: statements.join(),
  statements,
});

test("the package's own migrations apply once, and a second run has nothing to do", async () => {
  expect(await migrate(clickhouse)).toEqual(readMigrations().map(({ name }) => name));
  expect(await migrate(clickhouse)).toEqual([]);
  const states = (await migrationStatus(clickhouse)).map(({ state }) => state);
  expect(new Set(states)).toEqual(new Set(["applied"]));
});

test("goes on with the statement that failed, without repeating those that succeeded", async () => {
  // Without IF NOT EXISTS a repeated first statement would fail.
  const broken = [migration("0001_two_tables", createTable("a"), "SELECT no_such_column")];
  await expect(migrate(clickhouse, { migrations: broken })).rejects.toThrow("no_such_column");
  const halfDone = { ...broken[0], statements: [createTable("a"), createTable("b")] } as Migration;
  expect(await migrationStatus(clickhouse, [halfDone])).toMatchObject([{ state: "partial" }]);
  expect(await migrate(clickhouse, { migrations: [halfDone] })).toEqual(["0001_two_tables"]);
  expect(await migrationStatus(clickhouse, [halfDone])).toMatchObject([{ state: "applied" }]);
});

test("refuses a migration that was edited after it was applied", async () => {
  await migrate(clickhouse, { migrations: [migration("0001_a", createTable("a"))] });
  const edited = [migration("0001_a", createTable("b"))];
  expect(await migrationStatus(clickhouse, edited)).toMatchObject([{ state: "changed" }]);
  await expect(migrate(clickhouse, { migrations: edited })).rejects.toThrow(MigrationError);
});

test("names a migration that only the database knows", async () => {
  await migrate(clickhouse, { migrations: [migration("0009_newer", createTable("a"))] });
  expect(await migrationStatus(clickhouse, [])).toMatchObject([{ name: "0009_newer", state: "unknown" }]);
});

test("two migrators at once apply each migration once", async () => {
  const migrations = [migration("0001_a", createTable("a")), migration("0002_b", createTable("b"))];
  const applied = await Promise.all([migrate(clickhouse, { migrations }), migrate(clickhouse, { migrations })]);
  expect(applied.flat()).toEqual(["0001_a", "0002_b"]);
});

test("a lock left behind by a process that died is taken over", async () => {
  const anHourAgo = Date.now() - 3_600_000;
  await clickhouse.command(
    `CREATE TABLE schema_migrations_lock (id UInt8) ENGINE = MergeTree ORDER BY id COMMENT 'gone ${anHourAgo}'`,
  );
  expect(await migrate(clickhouse, { migrations: [migration("0001_a", createTable("a"))] })).toEqual(["0001_a"]);
});
