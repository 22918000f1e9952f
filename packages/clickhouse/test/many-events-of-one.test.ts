import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, journey } from "../src/index.ts";
import { amongVisitors } from "../src/queries/among-visitors.ts";
import { loadSql } from "../src/queries/load-sql.ts";
import { openTemporary } from "./open.ts";

const events = 200_000;

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: true, limits: { maxMemoryUsage: 200_000_000 } });
  await clickhouse.command(
    `INSERT INTO events_v1 (project_id, env, id, timestamp, event_name, anonymous_id, user_id, properties)
     SELECT 'p', 'live', toString(number), toDateTime64('2026-03-01 00:00:00', 3, 'UTC') + toIntervalSecond(number), 'e', 'kiosk',
         if(number % 3 = 2, 'ann', NULL), repeat('x', 1000)
     FROM numbers({events:UInt32})`,
    { events },
  );
}, 300_000);
afterAll(() => clickhouse.close());

test("a visitor's events that are too many to hold at once are stitched all the same", async () => {
  const asked: string[] = [];
  const listening: ClickHouse = {
    ...clickhouse,
    query(sql, params) {
      asked.push(sql);
      return clickhouse.query(sql, params);
    },
  };
  const range = { from: new Date("2026-03-01"), to: new Date("2026-04-01") };
  const scope = { project_id: "p", env: "live", stitch: "time_sliced", include_bots: false } as const;
  const path = await journey(listening, { ...scope, ...range, user_id: "ann", limit: 4 });
  expect(path.map(({ event_id, user_id, phase }) => [event_id, user_id, phase])).toEqual([
    ["0", null, "before_identify"],
    ["1", null, "before_identify"],
    ["2", "ann", "identified"],
    ["3", null, "identified"],
  ]);
  const visitors = { devices: ["kiosk"], excepted: false };
  const inOneLook = amongVisitors(loadSql("journey"), visitors, "time_sliced", true);
  expect(asked.slice(-2)).toEqual([inOneLook, loadSql("journey")]);
}, 300_000);
