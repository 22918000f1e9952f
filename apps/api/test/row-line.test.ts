import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RULES_VERSION } from "@millimetric/attribution";
import { type ClickHouse, migrate, openEmbeddedClickHouse } from "@millimetric/clickhouse";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventRow } from "../src/ingest/event-row.ts";
import { rowOf, withNames } from "../src/ingest/row-line.ts";
import { keptRow, storeRows } from "../src/ingest/store-rows.ts";

let folder: string;
let clickhouse: ClickHouse;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millimetric-row-line-"));
  clickhouse = await openEmbeddedClickHouse(folder);
  await migrate(clickhouse);
});
afterAll(async () => {
  await clickhouse.close();
  rmSync(folder, { recursive: true, force: true });
});

const receivedAt = Date.UTC(2026, 2, 1, 12);
const event = {
  event: "signup",
  event_id: "e-1",
  timestamp: "2026-03-01T11:00:00.250Z",
  anonymous_id: "visitor",
  user_id: "user",
  session_id: "session",
  url: "https://shop.example/pricing?utm_source=facebook&utm_medium=cpc&utm_campaign=spring",
  title: "Pricing",
  referrer: "https://www.facebook.com/",
  properties: { plan: "pro" },
  context: { locale: "de" },
};
const userAgent =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1";
const envelope = { project_id: "shop", env: "live", key_prefix: "prefix", receivedAt, userAgent, country: "DE" };

/** Each under the name it has on the wire, in the key or in what was derived from them. */
const expected = {
  project_id: "shop",
  env: "live",
  key_prefix: "prefix",
  id: "e-1",
  timestamp: "2026-03-01 11:00:00.250",
  received: "2026-03-01 12:00:00.000",
  timestamp_clamped: false,
  event_name: "signup",
  anonymous_id: "visitor",
  user_id: "user",
  session_id: "session",
  path: "/pricing",
  title: "Pricing",
  country: "DE",
  device_type: "mobile",
  browser: "Safari",
  os: "iOS",
  is_bot: false,
  bot_reason: "",
  properties: '{"utm_source":"facebook","utm_medium":"cpc","utm_campaign":"spring","plan":"pro"}',
  context: '{"locale":"de"}',
  source: "facebook",
  medium: "paid",
  campaign: "spring",
  channel: "Paid Social",
  source_confidence: "high",
  source_rule_id: "utm_paid_medium",
  rules_version: RULES_VERSION,
  url: event.url,
  referrer: event.referrer,
};

test("every value of a row stands in the place of its column, and keeps its name where it is kept", async () => {
  const row = eventRow(event, envelope);
  expect(rowOf(row.line)).toEqual(expected);
  const kept = withNames(row.line);
  expect(JSON.parse(kept)).toEqual(expected);
  expect(keptRow(kept).line).toBe(row.line);
});

test("a row that was kept when there were fewer columns, or others, is stored with the defaults of the new ones", async () => {
  const { bot_reason: _, referrer: __, ...older } = expected;
  const kept = JSON.stringify({ ...older, gone: "by now" });
  const { stored } = await storeRows(clickhouse, [keptRow(kept)], { timeoutMs: 60_000 });
  expect(stored).toHaveLength(1);
  const columns = "event_id, event_name, user_id, url, bot_reason, referrer";
  expect(await clickhouse.query(`SELECT ${columns} FROM events`)).toEqual([
    { event_id: "e-1", event_name: "signup", user_id: "user", url: event.url, bot_reason: "", referrer: "" },
  ]);
});
