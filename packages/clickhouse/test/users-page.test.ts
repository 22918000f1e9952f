import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, conversions, journey, users } from "../src/index.ts";
import { openTemporary } from "./open.ts";

const known = 5_000;
const scope = { project_id: "p", env: "live", stitch: "time_sliced", include_bots: false } as const;
const march = { from: new Date("2026-03-01"), to: new Date("2026-04-01") };

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: true });
  // Users 0 to 4999, each on a device of its own and sent by a server, too. Every thousandth came from Bing; 4000 and later came in
  // March, and of these every tenth had been a bot in January.
  await clickhouse.command(
    `INSERT INTO events_v1 (project_id, env, id, timestamp, event_name, anonymous_id, user_id, source, is_bot)
     SELECT 'p', 'live', concat(toString(number), '-', toString(kind)), at, 'e', if(kind = 2, '', concat('visitor-', name)),
         if(kind = 1, NULL, concat('user-', name)), if(number % 1000 = 0, 'bing', 'google'), kind = 0
     FROM
     (
         SELECT
             number,
             leftPad(toString(number), 4, '0') AS name,
             arrayJoin(if(number >= 4000 AND number % 10 = 0, [0, 1, 2, 3], [1, 2, 3])) AS kind,
             toDateTime64(multiIf(kind = 0, '2026-01-01 00:00:00', number < 4000, '2026-02-01 00:00:00', '2026-03-02 00:00:00'), 3, 'UTC')
                 + toIntervalMinute(kind) AS at
         FROM numbers({known:UInt32})
     )`,
    { known },
  );
}, 300_000);
afterAll(() => clickhouse.close());

/** Every page of a list, and how many there were. */
async function pages<Row extends { user_id: string }>(read: (after: string | undefined) => Promise<Row[]>) {
  const all: Row[] = [];
  for (let count = 1; ; count++) {
    const page = await read(all.at(-1)?.user_id);
    all.push(...page);
    if (page.length === 0) return { all, count };
  }
}

const names = (rows: { user_id: string }[]) => rows.map(({ user_id }) => user_id);
const usersFrom = (first: number, step = 1) =>
  Array.from({ length: (known - first) / step }, (_, n) => `user-${String(first + n * step).padStart(4, "0")}`);

test("pages of users are the list, whether many of them belong into it or hardly any", async () => {
  const list = (filters: { source?: string[] }, limit: number) =>
    pages((after) => users(clickhouse, { ...scope, from: new Date(0), to: march.to, filters, limit, after }));
  const everybody = await list({}, 1_000);
  expect(names(everybody.all)).toEqual(usersFrom(0));
  expect(everybody.all.every(({ events, devices }) => events === 3 && devices.length === 1)).toBe(true);
  expect(names((await list({ source: ["bing"] }, 2)).all)).toEqual(usersFrom(0, 1_000));
  expect(names((await list({ source: ["bing"] }, 100)).all)).toEqual(usersFrom(0, 1_000));
}, 300_000);

test("of conversions, too: who was seen before the range is none of it, unless as a bot", async () => {
  const list = (limit: number) =>
    pages((after) => conversions(clickhouse, { ...scope, ...march, events: ["e"], limit, after }));
  expect(names((await list(300)).all)).toEqual(usersFrom(4_000));
  const withBots = await conversions(clickhouse, {
    ...scope,
    ...march,
    include_bots: true,
    events: ["e"],
    limit: 1_000,
  });
  expect(names(withBots)).toEqual(usersFrom(4_000).filter((name) => !name.endsWith("0")));
}, 300_000);

test("a user on more visitors than a statement can name costs the page nothing", async () => {
  const visitors = 3_000;
  await clickhouse.command(
    `INSERT INTO events_v1 (project_id, env, id, timestamp, event_name, anonymous_id, user_id)
     SELECT 'q', 'live', toString(number), toDateTime64('2026-03-01 00:00:00', 3, 'UTC'), 'e',
         concat('a-visitor-with-a-long-name-', toString(number)), if(number = 0, 'before', if(number = 1, 'still-there', 'everywhere'))
     FROM numbers({visitors:UInt32})`,
    { visitors },
  );
  const asked: number[] = [];
  const counting: ClickHouse = {
    ...clickhouse,
    query(sql, params = {}) {
      if ("devices" in params) asked.push(String(params["devices"]).length);
      return clickhouse.query(sql, params);
    },
  };
  const all = { ...scope, project_id: "q", from: new Date(0), to: march.to, filters: {} };
  const page = await users(counting, { ...all, limit: 100 });
  expect(page.map(({ user_id, events }) => [user_id, events])).toEqual([
    ["before", 1],
    ["everywhere", visitors - 2],
    ["still-there", 1],
  ]);
  const path = await journey(counting, { ...scope, ...all, user_id: "everywhere", limit: 5_000 });
  expect(path).toHaveLength(visitors - 2);
  expect(asked.length).toBeGreaterThan(3);
  expect(Math.max(...asked)).toBeLessThan(60_000);
}, 300_000);
