import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

let platform: TestPlatform;
let project: TestProject;
const shop = "https://shop.example";

beforeAll(async () => {
  platform = await startPlatform();
  project = await platform.project();
  const events = [
    {
      event: "$pageview",
      timestamp: "2026-03-01T14:00:00Z",
      url: `${shop}/?utm_source=facebook&utm_medium=cpc&utm_campaign=spring`,
    },
    { event: "$pageview", timestamp: "2026-03-05T09:00:00Z", url: `${shop}/`, referrer: "https://www.google.com/" },
    { event: "$pageview", timestamp: "2026-03-07T11:00:00Z", url: `${shop}/cart` },
    // An hour at the bank: a session of its own, and still no source.
    {
      event: "purchase",
      timestamp: "2026-03-07T12:00:00Z",
      url: `${shop}/thanks`,
      referrer: "https://checkout.stripe.com/c/pay",
      user_id: "user_42",
      properties: { amount_cents: 12000, margin: 30.5 },
    },
  ].map((event) => ({ ...event, anonymous_id: "a" }));
  await platform.ask("POST", "/v1/batch", { key: project.keys.sk, body: { events } });
});
afterAll(() => platform.close());

const range = "from=2026-03-01&to=2026-04-01";
const read = (params: string, key = project.keys.rk) =>
  platform.ask("GET", `/v1/attribution?${range}&${params}`, { key });

test("all six models in one call, by source", async () => {
  const { status, body } = await read("event=purchase");
  expect(status).toBe(200);
  expect(body.totals).toEqual({ conversions: 1, value: 12000, untouched: 0 });
  const value = (source: string) =>
    Object.values(body.rows.find((row: { source: string }) => row.source === source).credits).map(
      (credit) => (credit as { value: number }).value,
    );
  // first_touch, last_touch, last_non_direct, linear, position_based; time_decay in between.
  expect(value("facebook").slice(0, 5)).toEqual([12000, 0, 0, 4000, 4800]);
  expect(value("google").slice(0, 5)).toEqual([0, 0, 12000, 4000, 2400]);
  expect(value("direct").slice(0, 5)).toEqual([0, 12000, 0, 4000, 4800]);
  expect(["facebook", "google", "direct"].reduce((sum, source) => sum + (value(source)[5] ?? 0), 0)).toBeCloseTo(12000);
});

test("chosen models, several columns, another property for the value, a shorter look-back", async () => {
  const params = "event=purchase&models=first_touch&group_by=channel&group_by=campaign&value=margin";
  expect((await read(params)).body.rows).toContainEqual({
    channel: "Paid Social",
    campaign: "spring",
    credits: { first_touch: { conversions: 1, value: 30.5 } },
  });
  const { body } = await read("event=purchase&models=first_touch&lookback_days=3&limit=1");
  expect(body.rows).toEqual([{ source: "google", credits: { first_touch: { conversions: 1, value: 12000 } } }]);
});

test("without conversions there are no rows; another project sees none", async () => {
  const nothing = { rows: [], totals: { conversions: 0, value: 0, untouched: 0 } };
  expect((await read("event=never")).body).toMatchObject(nothing);
  const other = await platform.project("other");
  expect((await read("event=purchase", other.keys.rk)).body).toMatchObject(nothing);
});

test.each([
  "",
  "event=,",
  "event=purchase&models=best",
  "event=purchase&group_by=password",
  "event=purchase&lookback_days=0",
  "event=purchase&value=",
])("refuses what cannot be answered: %s", async (params) => {
  const { status, body } = await read(params);
  expect([status, body.error]).toEqual([400, "invalid_params"]);
});
