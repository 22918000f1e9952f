import { type ClickHouse, connectClickHouse, migrate, migrationStatus, readMigrations } from "@millimetric/clickhouse";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ClickHouseFixture, startClickHouse } from "../src/index.ts";

// The connection of production, over two replicas.
let fixture: ClickHouseFixture;
let clickhouse: ClickHouse;
const connect = (urls: readonly string[]) => {
  const { user, password, database } = fixture;
  return connectClickHouse({ urls, user, password, database }, { maxExecutionTime: 1, maxMemoryUsage: 50_000_000 });
};
beforeAll(async () => {
  fixture = await startClickHouse({ user: "mm", password: "secret", database: "mm", replicas: 2 });
  clickhouse = connect(fixture.urls);
});
afterAll(async () => {
  await clickhouse.close();
  await fixture.stop();
});
beforeEach(() => fixture.heal());

const line = (id: string, timestamp = "2026-01-02 03:04:05.678") =>
  JSON.stringify({ project_id: "p", env: "live", id, timestamp, event_name: "e" });
const block = (token: string, ...lines: string[]) => ({ table: "events_v1", lines, token });
const storedIds = async () =>
  (await clickhouse.lookUp<{ event_id: string }>("SELECT event_id FROM events_v1 ORDER BY event_id")).map(
    ({ event_id }) => event_id,
  );

test("two migrators at once apply every migration once", async () => {
  const other = connect(fixture.urls.toReversed());
  const applied = await Promise.all([migrate(clickhouse), migrate(other)]);
  expect(applied.map(({ length }) => length).toSorted()).toEqual([0, readMigrations().length]);
  expect(new Set((await migrationStatus(clickhouse)).map(({ state }) => state))).toEqual(new Set(["applied"]));
  await other.close();
});

test("a block whose answer was lost is stored once, by the other replica under the same token", async () => {
  await fixture.fault({ kind: "reset", only: "inserts", replica: 0, executed: true });
  await clickhouse.insert(block("lost", line("1"), line("2")));
  expect(await fixture.played()).toMatchObject({ reset: 1 });
  expect(await storedIds()).toEqual(["1", "2"]);
});

test.each(["TOO_MANY_PARTS", "TABLE_IS_READ_ONLY"] as const)("%s by every replica reaches the caller", async (type) => {
  await fixture.fault({ kind: "exception", type, only: "inserts" });
  await expect(clickhouse.insert(block(type, line("3")))).rejects.toMatchObject({ type });
  expect(await storedIds()).not.toContain("3");
});

test("a row that cannot be read fails its block with a code that says so", async () => {
  await expect(clickhouse.insert(block("bad", line("4"), line("5", "no time")))).rejects.toMatchObject({
    code: expect.stringMatching(/^(27|41)$/),
  });
  expect(await storedIds()).not.toContain("4");
});

test("more ids than a URL can carry are looked up", async () => {
  const ids = Array.from({ length: 5_000 }, (_, n) => `an id of the usual length ${n}`);
  const sql = "SELECT length({ids:Array(String)}) AS n, event_id FROM events_v1 WHERE event_id = {id:String}";
  expect(await clickhouse.lookUp(sql, { ids, id: "1" })).toEqual([{ n: 5_000, event_id: "1" }]);
});

test("reports cannot write, and end at their limits of time and memory", async () => {
  await expect(clickhouse.query("TRUNCATE TABLE events_v1")).rejects.toMatchObject({ code: "164" });
  await expect(clickhouse.query("SELECT count() FROM numbers(1e12)")).rejects.toMatchObject({ code: "159" });
  const greedy = "SELECT length(groupArray(number)) FROM numbers(100000000)";
  await expect(clickhouse.query(greedy)).rejects.toMatchObject({ code: "241" });
});

test("a ping tells whether any replica answers", async () => {
  expect(await clickhouse.ping()).toBe(true);
  await fixture.fault({ kind: "refuse", replica: 0 });
  expect(await clickhouse.ping()).toBe(true);
  await fixture.fault({ kind: "refuse", replica: 1 });
  expect(await clickhouse.ping()).toBe(false);
});
