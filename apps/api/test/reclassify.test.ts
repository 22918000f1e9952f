import { classify, RULES_VERSION } from "@millimetric/attribution";
import type { ClickHouse } from "@millimetric/clickhouse";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { reclassify } from "../src/reclassify.ts";
import { storeOldEvents } from "./old-events.ts";
import { startPlatform, type TestPlatform } from "./platform.ts";

let platform: TestPlatform;
let clickhouse: ClickHouse;
beforeAll(async () => {
  platform = await startPlatform();
  clickhouse = platform.clickhouse;
});
afterAll(() => platform.close());

const verdicts = "source, medium, campaign, channel, source_confidence, source_rule_id, rules_version";
const eventsOf = (project_id: string) =>
  clickhouse.query<Record<string, unknown>>(
    `SELECT event_id, url, referrer, ${verdicts} FROM events_v1 WHERE project_id = {project_id:String} ORDER BY event_id`,
    { project_id },
  );
/** Everything of a project's events but what follows from url and referrer. */
const restOf = (project_id: string) =>
  clickhouse.query(
    `SELECT * EXCEPT (${verdicts}) FROM events_v1 WHERE project_id = {project_id:String} ORDER BY event_id`,
    { project_id },
  );

const ad = "https://shop.example/?utm_source=facebook&utm_medium=cpc&utm_campaign=spring";

test("a dry run tells every difference and changes nothing", async () => {
  await storeOldEvents(clickhouse, [
    { project_id: "dry", event_id: "1", url: ad },
    { project_id: "dry", event_id: "2", url: ad },
    { project_id: "dry", event_id: "3", url: "https://shop.example/", referrer: "https://chatgpt.com/" },
    { project_id: "dry", event_id: "4" },
  ]);
  const before = await eventsOf("dry");
  const told = await reclassify(clickhouse, { project_id: "dry", apply: false });
  expect(told).toMatchObject({ rules_version: RULES_VERSION, events: 3, changed: 3 });
  expect(told.changes.map(({ to, events }) => [`${to.source}/${to.medium} ${to.channel}`, events])).toEqual([
    ["facebook/paid Paid Social", 2],
    ["chatgpt/ai AI Assistants", 1],
  ]);
  expect(told.changes[0]?.from).toMatchObject({ source: "unknown", source_rule_id: "guess" });
  expect(await eventsOf("dry")).toEqual(before);
  expect(await clickhouse.query("SELECT * FROM reclassifications_v1 WHERE project_id = 'dry'")).toEqual([]);
});

test("applying changes what follows from url and referrer, and nothing else; again, there is nothing to do", async () => {
  const right = classify({ url: ad });
  const { confidence, rule_id, ...origin } = right;
  await storeOldEvents(clickhouse, [
    { project_id: "apply", event_id: "1", url: ad, user_id: "u1" },
    { project_id: "apply", event_id: "2", url: "https://shop.example/", referrer: "https://www.google.com/" },
    {
      project_id: "apply",
      event_id: "same",
      url: ad,
      ...origin,
      source_confidence: confidence,
      source_rule_id: rule_id,
    },
    { project_id: "apply", event_id: "newer", url: ad, rules_version: RULES_VERSION + 1 },
    { project_id: "other", event_id: "1", url: ad },
  ]);
  const rest = await restOf("apply");
  const other = await eventsOf("other");
  expect(await reclassify(clickhouse, { project_id: "apply", apply: true })).toMatchObject({ events: 3, changed: 2 });

  const rows = new Map((await eventsOf("apply")).map((row) => [row["event_id"], row]));
  expect(rows.get("1")).toMatchObject({ source: "facebook", campaign: "spring", rules_version: RULES_VERSION });
  expect(rows.get("2")).toMatchObject({ source: "google", medium: "organic", rules_version: RULES_VERSION });
  expect(rows.get("newer")).toMatchObject({ source: "unknown", rules_version: RULES_VERSION + 1 });
  expect(await restOf("apply")).toEqual(rest);
  expect(await eventsOf("other")).toEqual(other);
  expect(await clickhouse.query("SELECT user_id FROM links WHERE project_id = 'apply'")).toEqual([{ user_id: "u1" }]);

  const log = await clickhouse.query<{ events: number; changes: string }>(
    "SELECT events, changes FROM reclassifications_v1 WHERE project_id = 'apply'",
  );
  expect(log.map(({ events }) => events)).toEqual([2]);
  expect(JSON.parse(log[0]?.changes ?? "")).toHaveLength(2);
  expect(await reclassify(clickhouse, { project_id: "apply", apply: true })).toMatchObject({ changed: 0 });
});

test("afterwards every event says what the rules of today say, over many entries, months and slices", async () => {
  const parts = fc.record({
    query: fc.constantFrom("", "utm_source=fb&utm_medium=cpc", "fbclid=1", "gclid=2", "utm_campaign=%27%5C%22x", "q=1"),
    page: fc.integer({ min: 0, max: 9999 }),
    referrer: fc.constantFrom(
      "",
      "https://www.google.de/",
      "https://t.co/",
      "https://a.example/?'\\",
      "https://shop.example/",
    ),
    month: fc.constantFrom("2014-12", "2026-01", "2026-02"),
  });
  const events = fc
    .sample(fc.array(parts, { minLength: 6000, maxLength: 6000, size: "max" }), { seed: 8, numRuns: 1 })
    .flat();
  await storeOldEvents(
    clickhouse,
    events.map(({ query, page, referrer, month }, i) => {
      const timestamp = `${month}-03 14:00:00.000`;
      return {
        project_id: "many",
        event_id: `${i}`,
        url: `https://shop.example/${page}?${query}`,
        referrer,
        timestamp,
      };
    }),
  );
  const { changed } = await reclassify(clickhouse, { project_id: "many", apply: true, sliceEvents: 1500 });
  const rows = await eventsOf("many");
  const wrong = rows.filter((row) => {
    const { confidence, rule_id, ...origin } = classify({ url: String(row["url"]), referrer: String(row["referrer"]) });
    const expected = { ...origin, source_confidence: confidence, source_rule_id: rule_id };
    return Object.entries(expected).some(([column, value]) => row[column] !== value);
  });
  expect(wrong).toEqual([]);
  expect(changed).toBe(events.length);
});
