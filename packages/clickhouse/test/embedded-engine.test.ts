import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, migrate, openEmbeddedClickHouse } from "../src/index.ts";
import { insertEvents } from "./event-rows.ts";
import { ingestUntilKilled } from "./kill.ts";

// One test per fact of docs/architecture/embedded-engine.md, so that an upgrade of the engine shows what changed.
let path: string;
let clickhouse: ClickHouse;
beforeAll(async () => {
  path = mkdtempSync(join(tmpdir(), "millimetric-engine-"));
  clickhouse = await openEmbeddedClickHouse(path, { maxExecutionTime: 1, maxMemoryUsage: 100_000_000 });
  await migrate(clickhouse);
});
afterAll(async () => {
  await clickhouse.close();
  rmSync(path, { recursive: true, force: true });
});

const project_id = "engine";
const count = async (project: string) => {
  const sql = "SELECT count() AS events, uniqExact(event_id) AS ids FROM events WHERE project_id = {project:String}";
  const [row] = await clickhouse.query<{ events: number; ids: number }>(sql, { project });
  return row;
};

test("a long report does not hold the next insert: readers and the writer have connections of their own", async () => {
  let reported = false;
  const report = clickhouse.query("SELECT count() FROM numbers(100000000000)").catch(() => {
    reported = true;
  });
  await insertEvents(clickhouse, [{ project_id, event_id: "while-reading", anonymous_id: "a", timestamp: new Date() }]);
  expect(reported).toBe(false);
  await report;
  expect(reported).toBe(true);
});

test("the time limit ends a report with an error that has a code, and the engine goes on", async () => {
  await expect(clickhouse.query("SELECT count() FROM numbers(100000000000)")).rejects.toMatchObject({ code: "159" });
  expect(await clickhouse.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("the memory limit ends a report, and the engine goes on", async () => {
  const greedy = "SELECT length(groupArray(number)) FROM numbers(100000000)";
  await expect(clickhouse.query(greedy)).rejects.toMatchObject({ code: "241" });
  expect(await clickhouse.query("SELECT 1 AS one")).toEqual([{ one: 1 }]);
});

test("reports can neither write nor reach files or other servers, and cannot lift their own limits", async () => {
  const attacks = [
    "INSERT INTO projects_v1 (project_id) VALUES ('x')",
    "DROP TABLE events_v1",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SET max_execution_time = 0",
    "SELECT 1 SETTINGS max_memory_usage = 0",
  ];
  for (const attack of attacks) await expect(clickhouse.query(attack), attack).rejects.toThrow();
});

test("a token stores its block once, and does not swallow the next block", async () => {
  const line = (id: string) =>
    JSON.stringify({ project_id: "token", env: "live", id, timestamp: "2026-03-01T00:00:00.000Z" });
  const block = { table: "events_v1", lines: [line("1")], token: "the same" };
  await clickhouse.insert(block);
  await clickhouse.insert(block);
  expect(await count("token")).toEqual({ events: 1, ids: 1 });
  await clickhouse.insert({ ...block, lines: [line("2")], token: "another" });
  expect(await count("token")).toEqual({ events: 2, ids: 2 });
});

test("whole numbers up to 2^53 come back as numbers", async () => {
  expect(await clickhouse.query("SELECT toUInt64(9007199254740991) AS n")).toEqual([{ n: Number.MAX_SAFE_INTEGER }]);
});

test("values are bound, whatever is in them", async () => {
  const odd = ["'; DROP TABLE events_v1; --", "\\", "\\'", "\u0000", "{x:String}", "\t\n\r", "日本語 🦆"];
  for (const value of odd) {
    expect(await clickhouse.query("SELECT {value:String} AS value", { value })).toEqual([{ value }]);
    expect(await clickhouse.query("SELECT {value:Array(String)}[1] AS value", { value: [value] })).toEqual([{ value }]);
  }
});

test("a second process on the same folder is told in one sentence what to do", async () => {
  const { message } = await ingestUntilKilled(path, 1);
  expect(message).toMatch(/the embedded ClickHouse cannot open .*takes one process at a time, so stop the other one/);
});

test("kill -9 in the middle of inserting loses no acknowledged row", async () => {
  const folder = mkdtempSync(join(tmpdir(), "millimetric-kill-"));
  try {
    let acknowledged = 0;
    for (const after of [1, 7, 25]) {
      const { acknowledged: more, message } = await ingestUntilKilled(folder, after);
      expect(message).toBe("");
      expect(more).toBeGreaterThanOrEqual(after);
      acknowledged += more;
    }
    const { stored } = await ingestUntilKilled(folder, 0);
    // The row being inserted when the process died may be there, too.
    expect(stored).toBeGreaterThanOrEqual(acknowledged);
    expect(stored).toBeLessThanOrEqual(acknowledged + 3);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
