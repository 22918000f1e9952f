import { readdirSync } from "node:fs";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, type Params, storedEventIds } from "../src/index.ts";
import { amongVisitors } from "../src/queries/among-visitors.ts";
import { loadSql } from "../src/queries/load-sql.ts";
import { insertEvents, type TestEvent } from "./event-rows.ts";
import { openTemporary } from "./open.ts";
import { openTwoShards } from "./two-shards.ts";

const start = Date.UTC(2026, 2, 1);
const minutes = 60_000;
const project_id = "p";

// Few visitors and users over two weeks, so that users have visitors on both shards, and visitors several users.
const [events = []] = fc.sample(
  fc.array(
    fc.record({
      at: fc.nat({ max: 14 * 24 * 6 }),
      anonymous_id: fc.constantFrom("", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7"),
      user: fc.constantFrom(null, null, null, "u0", "u1", "u2", "u3"),
      event_name: fc.constantFrom("$pageview", "signup", "paid"),
      source: fc.constantFrom("google", "direct", "internal"),
      named: fc.constantFrom(false, false, false, true),
    }),
    { minLength: 160, maxLength: 160 },
  ),
  { seed: 4, numRuns: 1 },
);
const rows: TestEvent[] = events.map(({ at, user, named, ...event }, index) => {
  const user_id = event.anonymous_id === "" ? (user ?? "u0") : user;
  return {
    ...event,
    project_id,
    event_id: `e${index}`,
    timestamp: new Date(start + at * 10 * minutes),
    user_id,
    session_id: named ? `session of ${event.anonymous_id || user_id}` : "",
    medium: event.source === "google" ? "paid" : "direct",
    path: `/${event.event_name}`,
    properties: JSON.stringify({ amount_cents: 100 + index }),
  };
});

/** The events, and what reads leave out: a link that was withdrawn, events and a person being forgotten. */
async function store(clickhouse: ClickHouse): Promise<void> {
  await insertEvents(clickhouse, rows);
  const put = (table: string, line: Record<string, string>) =>
    clickhouse.insert({ table, lines: [JSON.stringify({ project_id, ...line })], token: JSON.stringify(line) });
  await put("link_withdrawals_v1", { env: "live", anonymous_id: "a1", user_id: "u1", action: "unlink" });
  for (const event_id of ["e7", "e8", "e9"]) await put("hidden_events_v1", { request_id: "r", event_id });
  await put("hidden_links_v1", { request_id: "r", env: "live", anonymous_id: "a2", user_id: "u2" });
}

/** What stands for a parameter of this name; the first values together make one question, each other one changes it. */
const values: Record<string, Params[string][]> = {
  project_id: [project_id],
  project_ids: [[project_id]],
  env: ["live"],
  stitch: ["time_sliced"],
  from: ["2026-03-01 00:00:00"],
  to: ["2026-03-15 00:00:00"],
  user_id: ["", "u1"],
  metric: ["uniques", "sessions"],
  interval: ["day"],
  timezone: ["Europe/Berlin"],
  events: [["signup", "paid"]],
  event_ids: [rows.map(({ event_id }) => event_id)],
  limit: [1000],
  min_devices: [1],
  after_count: [1e9],
  after_timestamp: ["2000-01-01 00:00:00"],
  before_timestamp: ["2026-03-15 00:00:00"],
  before_started_at: ["2026-03-15 00:00:00"],
  include_bots: [true],
  grouped: [true],
  models: [["first_touch", "last_touch", "last_non_direct", "linear", "position_based", "time_decay"]],
  group_by: [["source"]],
  touched_from: ["2026-02-01 00:00:00"],
  lookback_seconds: [30 * 86_400],
  half_life_ms: [7 * 86_400_000],
  value: ["amount_cents"],
  steps: [["$pageview", "signup", "paid"]],
  window_ms: [14 * 86_400_000],
  returning_event: ["paid"],
  breakdown: ["source_medium"],
  conversions: [["paid"]],
  after_events: [1e9],
  event_id: ["e3"],
  buckets: [[start / 1000, start / 1000 + 7 * 86_400]],
};
const identifiers: Record<string, string> = { group_1: "source", session_group_1: "source" };

/** Something harmless where nothing was said about a parameter, by its type. */
function valuesOf(name: string, type: string): Params[string][] {
  if (type === "Identifier") return [identifiers[name] ?? "project_id"];
  const said = values[name];
  if (said !== undefined && Array.isArray(said[0]) === type.startsWith("Array")) return said;
  if (type.startsWith("Array")) return [[]];
  if (type.startsWith("DateTime")) return ["2026-03-08 00:00:00"];
  return type === "Bool" ? [false] : type === "String" ? [""] : [0];
}

// What rules once said, by the partition of its part: a view, which stands for the shards' tables here, has no parts.
const ofParts = ["partitions-of-older-rules", "entries-of-older-rules"];

/** Every named query of this package. */
const questions = readdirSync(new URL("../src/queries/", import.meta.url))
  .filter((file) => file.endsWith(".sql"))
  .map((file) => file.replace(".sql", ""))
  .filter((name) => !ofParts.includes(name))
  .map((name) => ({ name, sql: loadSql(name) }))
  .filter(({ sql }) => !/^INSERT/m.test(sql))
  .map(({ name, sql }) => {
    const all = [...sql.matchAll(/\{(\w+):([^{}]+)\}/g)].map(
      ([, key = "", type = ""]) => [key, valuesOf(key, type)] as const,
    );
    const first: Params = Object.fromEntries(all.map(([key, [value = ""]]) => [key, value]));
    const others = new Map(
      all.flatMap(([key, some]) => some.slice(1).map((value) => [`${key} ${value}`, { ...first, [key]: value }])),
    );
    return { name, sql, asked: [first, ...others.values()] };
  });

const visitors = ["", "a0", "a1", "a2", "a5"];
const owners = `
SELECT event_id, owner
FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})
ORDER BY event_id, owner`;

const codeOf = (error: unknown) => ({ code: Reflect.get(Object(error), "code") });

async function answers(clickhouse: ClickHouse): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const { name, sql, asked } of questions)
    for (const params of asked) {
      // A question to which these values make no sense has no answer anywhere.
      const answer = await clickhouse.query(sql, params).catch((error: unknown) => [codeOf(error)]);
      const lines = answer.map((row) => JSON.stringify(row));
      found.set(`${name} ${JSON.stringify(params)}`, /ORDER BY[^()]*$/.test(sql) ? lines : lines.toSorted());
    }
  for (const stitch of ["time_sliced", "first_owner", "all_devices"] as const) {
    const params = { project_id, env: "live", stitch, devices: visitors, user_ids: ["u0", "u1", "u2", "u3"] };
    const owned = await clickhouse.query(
      amongVisitors(owners, { devices: visitors, excepted: true }, stitch, false),
      params,
    );
    found.set(
      `${stitch} of some visitors`,
      owned.map((row) => JSON.stringify(row)),
    );
    const all = await clickhouse.query(owners, params);
    expect(owned, `${stitch} of some visitors`).toEqual(all);
  }
  for (const stitch of ["first_owner", "all_devices"]) {
    const sql = `SELECT event_id, owner FROM stitched_events(project_id = '${project_id}', env = 'live', stitch = {stitch:String}, devices = [])`;
    const owners = await clickhouse.query(sql, { stitch });
    found.set(stitch, owners.map((row) => JSON.stringify(row)).toSorted());
    const touches = `SELECT * FROM first_touches_${stitch}(project_id = '${project_id}', env = 'live', include_bots = true)`;
    const first = await clickhouse.query(touches);
    found.set(`first touch by ${stitch}`, first.map((row) => JSON.stringify(row)).toSorted());
  }
  return found;
}

let clickhouse: Awaited<ReturnType<typeof openTwoShards>>;
let asOne: Map<string, string[]>;
beforeAll(async () => {
  const one = await openTemporary({ migrated: true });
  await store(one);
  asOne = await answers(one);
  await one.close();
  clickhouse = await openTwoShards();
  await store(clickhouse);
}, 300_000);
afterAll(() => clickhouse.close());

test("an insert stores each row on one shard", async () => {
  expect(await clickhouse.query("SELECT count() AS events FROM events_v1_local")).toEqual([{ events: rows.length }]);
});

test("every named query has the same answer on two shards as on one", async () => {
  await clickhouse.spread();
  const shards = await clickhouse.query(
    `SELECT _shard_num AS shard, uniqExact(anonymous_id) > 1 AS visitors, arraySort(groupUniqArray(assumeNotNull(user_id))) AS users
     FROM events_v1 WHERE user_id IS NOT NULL GROUP BY shard ORDER BY shard`,
  );
  const users = ["u0", "u1", "u2", "u3"];
  expect(shards, "every user has events on both").toEqual([1, 2].map((shard) => ({ shard, visitors: 1, users })));
  const onTwo = await answers(clickhouse);
  const unanswered = [...asOne].filter(([, answer]) => answer[0]?.startsWith('{"code"'));
  expect(unanswered.length, unanswered.map(([question]) => question).join("\n")).toBeLessThan(4);
  expect([...asOne.values()].filter((answer) => answer.length > 1).length).toBeGreaterThan(12);
  for (const [question, answer] of asOne) expect(onTwo.get(question), question).toEqual(answer);
}, 300_000);

test("an event id is found wherever it is stored", async () => {
  const ids = rows.map(({ event_id }) => ({ project_id, event_id }));
  const stored = await storedEventIds(clickhouse, [...ids, { project_id, event_id: "nobody" }]);
  expect(stored.size).toBe(rows.length);
});
