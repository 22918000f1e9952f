import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, conversions, firstTouch, journey } from "../src/index.ts";
import { insertEvents } from "./event-rows.ts";
import { openTemporary } from "./open.ts";

// The SQL of the page that this product was born from, as it was published, and what it gets wrong.
const published = {
  firstTouch: `
    WITH user_anons AS (
      SELECT DISTINCT user_id, anonymous_id
      FROM events
      WHERE project_id = {project_id:String}
        AND user_id IS NOT NULL
    )
    SELECT
      u.user_id,
      argMin(e.source, e.timestamp)   AS first_touch_source,
      argMin(e.medium, e.timestamp)   AS first_touch_medium,
      min(e.timestamp)                AS first_seen_at
    FROM events e
    JOIN user_anons u USING (project_id, anonymous_id)
    WHERE e.project_id = {project_id:String}
    GROUP BY u.user_id`,
  conversions: `
    WITH stitched AS (
      SELECT
        u.user_id,
        min(e.timestamp) AS first_seen,
        minIf(e.timestamp, e.event_name = 'signup') AS signed_up_at,
        minIf(e.timestamp, e.event_name = 'completed_checkout') AS first_purchase_at
      FROM events e
      JOIN (
        SELECT DISTINCT user_id, anonymous_id
        FROM events
        WHERE project_id = {project_id:String} AND user_id IS NOT NULL
      ) u USING (project_id, anonymous_id)
      WHERE e.project_id = {project_id:String}
      GROUP BY u.user_id
    )
    SELECT
      user_id,
      first_seen,
      signed_up_at,
      dateDiff('hour', first_seen, signed_up_at)        AS hours_to_signup,
      dateDiff('day',  signed_up_at, first_purchase_at) AS days_to_first_purchase
    FROM stitched
    WHERE signed_up_at IS NOT NULL`,
};

const project_id = "shared-laptop";
const scope = { project_id, env: "live", stitch: "time_sliced", include_bots: false } as const;
const always = { from: new Date(0), to: new Date("2100-01-01") };
const at = (time: string) => new Date(`2026-03-${time}:00Z`);

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: true });
  const events = [
    { event_id: "1", timestamp: at("01T14:00"), anonymous_id: "laptop", source: "facebook", medium: "paid" },
    { event_id: "2", timestamp: at("07T11:14"), anonymous_id: "laptop", user_id: "alice", event_name: "signup" },
    { event_id: "3", timestamp: at("08T09:00"), anonymous_id: "laptop", source: "newsletter", medium: "email" },
    { event_id: "4", timestamp: at("08T09:30"), anonymous_id: "laptop", user_id: "bob", event_name: "login" },
  ];
  await insertEvents(
    clickhouse,
    events.map((event) => ({ ...event, project_id })),
  );
});
afterAll(() => clickhouse.close());

test.each(["firstTouch", "conversions"] as const)("%s as published does not even run: Code 47", async (name) => {
  await expect(clickhouse.query(published[name], { project_id })).rejects.toMatchObject({ code: "47" });
});

test("minIf over no match is 1970 and not NULL; ours answers NULL", async () => {
  const sql = `SELECT user_id, dateDiff('hour', min(timestamp), minIf(timestamp, event_name = 'signup')) AS hours,
                 dateDiff('hour', min(timestamp), minOrNullIf(timestamp, event_name = 'signup')) AS hours_or_null
               FROM events WHERE project_id = {project_id:String} AND user_id = 'bob' GROUP BY user_id`;
  const [row] = await clickhouse.query<{ hours: number; hours_or_null: number | null }>(sql, { project_id });
  expect(row?.hours).toBeLessThan(-490_000);
  expect(row?.hours_or_null).toBeNull();

  const ours = await conversions(clickhouse, { ...scope, ...always, events: ["signup"], limit: 10 });
  expect(ours.map(({ user_id, reached_at, reached_hours }) => ({ user_id, reached_at, reached_hours }))).toEqual([
    { user_id: "alice", reached_at: ["2026-03-07T11:14:00.000Z"], reached_hours: [141] },
    { user_id: "bob", reached_at: [null], reached_hours: [null] },
  ]);
});

test("two users of one laptop do not share a first touch or a path", async () => {
  const touches = await firstTouch(clickhouse, { ...scope, ...always, limit: 10 });
  expect(touches.map((row) => [row.user_id, row.first_touch_source, row.first_seen_at])).toEqual([
    ["alice", "facebook", "2026-03-01T14:00:00.000Z"],
    ["bob", "newsletter", "2026-03-08T09:00:00.000Z"],
  ]);
  const path = async (user_id: string) =>
    (await journey(clickhouse, { ...scope, ...always, user_id, limit: 10 })).map((row) => [row.event_id, row.phase]);
  expect(await path("alice")).toEqual([
    ["1", "before_identify"],
    ["2", "identified"],
  ]);
  expect(await path("bob")).toEqual([
    ["3", "before_identify"],
    ["4", "identified"],
  ]);
});
