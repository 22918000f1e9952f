import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouse, eventKey, migrate, openEmbeddedClickHouse } from "@millimetric/clickhouse";
import fc from "fast-check";
import { v4, v7 } from "uuid";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventRow } from "../src/ingest/event-row.ts";
import { createRecentIds, type RecentIdsOptions } from "../src/ingest/recent-ids.ts";
import { type StorableRow, storeRows } from "../src/ingest/store-rows.ts";

let folder: string;
let clickhouse: ClickHouse;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millimetric-recent-ids-"));
  clickhouse = await openEmbeddedClickHouse(folder);
  await migrate(clickhouse);
});
afterAll(async () => {
  await clickhouse.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => clickhouse.command("TRUNCATE TABLE events_v1"));

const start = Date.UTC(2026, 10, 1);
const envelope = { project_id: "p", env: "live", key_prefix: "k", receivedAt: start };
const row = (event_id: string, project_id = "p"): StorableRow =>
  eventRow({ event: "e", event_id, anonymous_id: "a" }, { ...envelope, project_id });
/** A UUIDv7 of this time; the same bytes make the same id. */
const idAt = (msecs: number, byte = 0) => v7({ msecs, seq: 0, random: new Uint8Array(16).fill(byte) });

async function recentIds(options: RecentIdsOptions = {}) {
  const recent = createRecentIds(clickhouse, { now: () => start, ...options });
  await recent.ready();
  return recent;
}

async function store(recent: Awaited<ReturnType<typeof recentIds>>, ...rows: StorableRow[]): Promise<number> {
  return (await storeRows(clickhouse, rows, { recent, timeoutMs: 60_000 })).stored.length;
}

test("an id made after the start is new, once; one that is older, or no UUIDv7 in small letters, is always looked up", async () => {
  const recent = await recentIds();
  const id = idAt(start + 10_000);
  expect(recent.meet(id)).toBe(true);
  expect(recent.meet(id)).toBe(false);
  expect(recent.meet(idAt(start + 10_000, 1))).toBe(true);
  for (const other of [idAt(start - 10_000), v4(), "order-1", idAt(start + 10_001).toUpperCase()])
    expect(recent.meet(other)).toBe(false);
});

test("nothing is new before the ids of earlier processes are known", () => {
  expect(createRecentIds(clickhouse, { now: () => start }).meet(idAt(start + 10_000))).toBe(false);
});

test("an id is noted however it is written, so that a store which compares ids as numbers counts it once, too", async () => {
  const recent = await recentIds();
  recent.meet(idAt(start + 10_000).toUpperCase());
  expect(recent.meet(idAt(start + 10_000))).toBe(false);
});

test("ids that were stored by an earlier process with a clock ahead of ours are looked up", async () => {
  const id = idAt(start + 3_600_000);
  expect(await store(await recentIds(), row(id))).toBe(1);
  const restarted = await recentIds();
  expect(restarted.meet(id)).toBe(false);
  expect(await store(restarted, row(id))).toBe(0);
  expect(restarted.meet(idAt(start + 50_000))).toBe(true);
});

test("an event that was removed with its person stays removed, however new its id looks", async () => {
  const recent = await recentIds();
  const gone = row(idAt(start + 10_000));
  const refusals = {
    ready: async () => {},
    refresh: async () => {},
    refuses: () => false,
    removed: async (rows: readonly StorableRow[]) => new Set(rows.map(eventKey)),
  };
  const { stored, duplicates } = await storeRows(clickhouse, [gone], { recent, refusals, timeoutMs: 60_000 });
  expect([stored, duplicates]).toEqual([[], [gone]]);
});

test("more ids than are remembered, of now or of times to come, make ids unknown and never new", async () => {
  const recent = await recentIds({ most: 100 });
  const ids = Array.from({ length: 1_000 }, (_, at) => idAt(start + at * 1_000));
  for (const id of ids) recent.meet(id);
  expect(ids.filter(recent.meet)).toEqual([]);

  const flooded = await recentIds();
  const ahead = Array.from({ length: 20_000 }, (_, at) => idAt(start + 3_600_000 + at * 5_000));
  for (const id of ahead) flooded.meet(id);
  expect(ahead.filter(flooded.meet)).toEqual([]);
  expect(flooded.meet(idAt(start + 10_000))).toBe(true);
});

test("whatever ids come, in whatever order, with restarts between: each counts once", {
  timeout: 120_000,
}, async () => {
  const offsets = [-5_000, 0, 1, 4_096, 10_000, 59_000, 70_000, 3_600_000, 400 * 86_400_000];
  const id = fc.tuple(fc.constantFrom(...offsets), fc.integer({ min: 0, max: 2 }), fc.boolean());
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.array(id, { minLength: 1, maxLength: 8 }) },
    { weight: 1, arbitrary: fc.constant("restart" as const) },
    { weight: 1, arbitrary: fc.integer({ min: -5_000, max: 80_000 }) },
  );
  const steps = fc.array(step, { minLength: 2, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      await clickhouse.command("TRUNCATE TABLE events_v1");
      let clock = start;
      const options = { most: 5, now: () => clock };
      let recent = await recentIds(options);
      const sent = new Set<string>();
      let stored = 0;
      for (const one of all) {
        if (one === "restart") recent = await recentIds(options);
        else if (typeof one === "number") clock = start + one;
        else {
          const rows = one.map(([offset, byte, ours]) => row(idAt(start + offset, byte), ours ? "p" : "q"));
          for (const { project_id, event_id } of rows) sent.add(`${project_id}/${event_id}`);
          stored += await store(recent, ...rows);
        }
      }
      expect(stored).toBe(sent.size);
      expect(await clickhouse.query("SELECT count() AS rows FROM events_v1")).toEqual([{ rows: sent.size }]);
    }),
    { numRuns: 60, seed: 11 },
  );
});
