import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, events, firstTouch, journey } from "../src/index.ts";
import { openTemporary } from "./open.ts";

const granule = 8192;
const visitors = 40_000;
const always = { from: new Date(0), to: new Date("2100-01-01") };
const scope = { project_id: "p", env: "live", include_bots: false, ...always } as const;

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: true });
  // Ten events of each visitor in one month; every tenth visitor signs in with the last of them.
  await clickhouse.command(
    `INSERT INTO events_v1 (project_id, env, id, timestamp, event_name, anonymous_id, user_id, source)
     SELECT
         'p', 'live', toString(number), toDateTime64('2026-03-01 00:00:00', 3, 'UTC') + toIntervalSecond(number * 5), 'e',
         concat('visitor-', toString(number % {visitors:UInt32})),
         if(number >= 9 * {visitors:UInt32} AND number % 10 = 0, concat('user-', toString(number % {visitors:UInt32})), NULL), 'google'
     FROM numbers(10 * {visitors:UInt32})`,
    { visitors },
  );
  // What a server sent of every known user, without a visitor: a fifth of everything. (Below a tenth the engine keeps no server_user_id in
  // memory to find them by, and reads all of them: primary_key_ratio_of_unique_prefix_values_to_skip_suffix_columns.)
  await clickhouse.command(
    `INSERT INTO events_v1 (project_id, env, id, timestamp, event_name, anonymous_id, user_id, source)
     SELECT 'p', 'live', concat('s', toString(number)), toDateTime64('2026-03-04 00:00:00', 3, 'UTC'), 'paid', '',
         concat('user-', toString(number % {visitors:UInt32})), 'direct'
     FROM numbers(25 * {visitors:UInt32}) WHERE number % 10 = 0`,
    { visitors },
  );
  await clickhouse.command("OPTIMIZE TABLE events_v1 FINAL");
}, 300_000);
afterAll(() => clickhouse.close());

/** Rows that the engine reads to answer; nothing else runs on it. */
async function rowsRead<Answer>(ask: () => Promise<Answer>): Promise<{ answer: Answer; rows: number }> {
  const counter = "SELECT sum(value) AS rows FROM system.events WHERE event = 'SelectedRows'";
  const [before] = await clickhouse.lookUp<{ rows: number }>(counter);
  const answer = await ask();
  const [after] = await clickhouse.lookUp<{ rows: number }>(counter);
  return { answer, rows: (after?.rows ?? 0) - (before?.rows ?? 0) };
}

// One of the links by user, and those with the visitor's rows and the user's from a server, at most two of each.
const few = 5 * granule;

test("one user's journey reads the granules of that user's visitors and one of the links, not the project", async () => {
  const { answer, rows } = await rowsRead(() =>
    journey(clickhouse, { ...scope, user_id: "user-20000", stitch: "time_sliced", limit: 100 }),
  );
  expect(answer).toHaveLength(10 + 25);
  expect(rows).toBeLessThanOrEqual(few);
});

test("one user's first touch reads as little", async () => {
  const { answer, rows } = await rowsRead(() =>
    firstTouch(clickhouse, { ...scope, user_id: "user-20000", stitch: "time_sliced", limit: 1 }),
  );
  expect(answer).toMatchObject([{ user_id: "user-20000", first_touch_source: "google" }]);
  expect(rows).toBeLessThanOrEqual(few);
});

test("a page of raw events reads the times of its range, its range, and perhaps once more to fetch, however deep it is", async () => {
  const page = (before?: { timestamp: Date; event_id: string }) =>
    rowsRead(() => events(clickhouse, { ...scope, filters: {}, limit: 100, before }));
  const first = await page();
  const last = await page({ timestamp: new Date("2026-03-01T00:10:00Z"), event_id: "" });
  expect([first.answer.length, last.answer.length]).toEqual([100, 100]);
  const stored = 12.5 * visitors;
  expect(first.rows).toBeLessThanOrEqual(3 * stored);
  expect(last.rows).toBeLessThanOrEqual(3 * stored);
});

test("a page of raw events reads the last two months alone when they fill it, and whatever it needs when they do not", async () => {
  const monthly = 50_000;
  await clickhouse.command(
    `INSERT INTO events_v1 (project_id, env, id, timestamp, event_name, anonymous_id)
     SELECT 'q', 'live', toString(number), toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + toIntervalMonth(number % 12), if(number < 12, 'rare', 'e'),
         toString(number)
     FROM numbers(12 * {monthly:UInt32})`,
    { monthly },
  );
  const year = { ...scope, project_id: "q", to: new Date("2026-12-02") };
  const page = (event: string, limit: number) =>
    rowsRead(() => events(clickhouse, { ...year, filters: { event: [event] }, limit }));
  const found = await page("e", 100);
  expect(found.answer).toHaveLength(100);
  expect(found.rows).toBeLessThanOrEqual(2 * (2 * monthly + few));
  const rare = await page("rare", 10);
  expect(rare.answer.map(({ event_id }) => event_id)).toEqual(["11", "10", "9", "8", "7", "6", "5", "4", "3", "2"]);
});
