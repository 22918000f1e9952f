import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

// Sources, funnel and retention over HTTP; packages/clickhouse holds them against their definitions.
let platform: TestPlatform;
let project: TestProject;
const shop = "https://shop.example/";
const bot = "Googlebot/2.1 (+http://www.google.com/bot.html)";

beforeAll(async () => {
  platform = await startPlatform();
  project = await platform.project();
  const visit = (day: string, anonymous_id: string, query: string, rest = {}) => ({
    event: "$pageview",
    anonymous_id,
    url: `${shop}${query}`,
    timestamp: `2026-03-${day}T10:00:00Z`,
    ...rest,
  });
  const events = [
    visit("02", "a", "?utm_source=facebook&utm_medium=cpc"),
    visit("02", "b", "?fbclid=IwAR1"),
    visit("03", "c", "", { context: { user_agent: bot } }),
    { event: "signup", anonymous_id: "a", user_id: "u", url: shop, referrer: shop, timestamp: "2026-03-02T10:05:00Z" },
    visit("10", "a", "?fbclid=IwAR2"),
  ];
  await platform.ask("POST", "/v1/batch", { key: project.keys.sk, body: { events } });
});
afterAll(() => platform.close());

const range = "from=2026-03-02&to=2026-03-16";
const read = (path: string, params: string, key = project.keys.rk) =>
  platform.ask("GET", `/v1/${path}?${range}&${params}`, { key });

test("sources: Facebook's paid and unpaid visits apart, conversions with the ad that the session came from", async () => {
  const { status, body } = await read("sources", "conversions=signup");
  expect(status).toBe(200);
  expect(body.breakdown).toBe("source_medium");
  expect(body.rows).toEqual([
    { source: "facebook", medium: "social", events: 2, uniques: 2, sessions: 2, conversions: 0, paid_share: 0 },
    { source: "facebook", medium: "paid", events: 1, uniques: 1, sessions: 1, conversions: 1, paid_share: 1 },
    { source: "internal", medium: "direct", events: 1, uniques: 1, sessions: 0, conversions: 0, paid_share: 0 },
  ]);
  const bySource = (await read("sources", "breakdown=source")).body;
  expect(bySource.rows).toEqual([
    { source: "facebook", events: 3, uniques: 2, sessions: 3, paid_share: 1 / 3 },
    { source: "internal", events: 1, uniques: 1, sessions: 0, paid_share: 0 },
  ]);
  const bots = (await read("sources", "include_bots=true")).body.rows;
  expect(bots).toContainEqual({
    source: "direct",
    medium: "direct",
    events: 1,
    uniques: 1,
    sessions: 1,
    paid_share: 0,
  });
});

test("sources: pages without gap or repeat", async () => {
  const seen: string[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await read("sources", `limit=1${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.rows.map((row: { source: string; medium: string }) => `${row.source}/${row.medium}`));
    if (body.next_cursor === undefined) break;
    cursor = body.next_cursor;
  }
  expect(seen).toEqual(["facebook/social", "facebook/paid", "internal/direct"]);
});

test("funnel: people, and rates from the first step and from the one before", async () => {
  const { body } = await read("funnel", "steps=$pageview,signup,purchase");
  expect(body.rows).toEqual([
    { step: 1, event: "$pageview", people: 2, rate: 1, step_rate: 1 },
    { step: 2, event: "signup", people: 1, rate: 0.5, step_rate: 0.5 },
    { step: 3, event: "purchase", people: 0, rate: 0, step_rate: 0 },
  ]);
  const quick = (await read("funnel", "steps=$pageview,signup&window_hours=0.05")).body.rows;
  expect(quick.map(({ people }: { people: number }) => people)).toEqual([2, 0]);
});

test("retention: who came back in which week", async () => {
  const { body } = await read("retention", "");
  expect(body.rows).toEqual([
    { cohort: "2026-03-02", people: 2, retained: [2, 1] },
    { cohort: "2026-03-09", people: 0, retained: [0] },
  ]);
  expect((await read("retention", "event=signup")).body.rows[0]).toEqual({
    cohort: "2026-03-02",
    people: 1,
    retained: [1, 1],
  });
});

test("another project sees nothing of it, and nobody a date of 1970", async () => {
  const { rk } = (await platform.project("other")).keys;
  const reports = [
    "sources?conversions=never",
    "funnel?steps=never",
    "attribution?event=never",
    "conversions?events=never",
  ];
  for (const report of [...reports, "retention?", "users?"]) {
    const [path = "", params = ""] = report.split("?");
    const theirs = await read(path, params, rk);
    const ours = await read(path, params);
    expect([theirs.status, ours.status]).toEqual([200, 200]);
    expect(JSON.stringify(theirs.body)).not.toMatch(/1970|facebook/);
    expect(JSON.stringify(ours.body)).not.toContain("1970");
  }
});

test.each([
  "sources?breakdown=colour",
  "sources?conversions=,",
  "sources?stitch=all_devices",
  "sources?cursor=W10",
  "funnel?",
  "funnel?steps=a,b,c,d,e,f,g,h,i,j,k",
  "funnel?steps=a&window_hours=0",
  "retention?interval=hour",
  "retention?timezone=%2B01:00",
  "retention?interval=day&from=2000-01-01",
  "users?limit=0",
])("refuses what cannot be answered: %s", async (path) => {
  const { status, body } = await platform.ask("GET", `/v1/${path}`, { key: project.keys.rk });
  expect([status, body.error]).toEqual([400, "invalid_params"]);
});
