import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answer, startPlatform, type TestPlatform } from "./platform.ts";
import { parseHttp, recipeBlocks } from "./recipe.ts";

// Pages of docs/recipes, block by block, as they are printed; each in a project of its own.
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

type Rows = Record<string, unknown>[];

/** What the blocks of a page give: bodies of the calls, rows of the SQL. */
async function run(page: string) {
  const { project_id, keys } = await platform.project(page);
  const answers: Answer["body"][] = [];
  for (const { language, text } of recipeBlocks(`recipes/${page}.md`)) {
    if (language === "sql") {
      answers.push(await platform.clickhouse.query<Rows[number]>(text.trim().replace(/;$/, ""), { project_id }));
    } else {
      const { method, path, body } = parseHttp(text);
      const answer = await platform.ask(method, path, { key: method === "GET" ? keys.rk : keys.sk, body });
      expect(answer.status, `${path} ${JSON.stringify(answer.body)}`).toBe(method === "GET" ? 200 : 202);
      answers.push(answer.body);
    }
  }
  return answers;
}

/** One model's value by a column. */
const credit = (body: Answer["body"], column: string, model: string) =>
  Object.fromEntries(
    body.rows.flatMap((row: Record<string, string> & { credits: Record<string, { value: number }> }) => {
      const value = row.credits[model]?.value ?? 0;
      return value === 0 ? [] : [[row[column], value]];
    }),
  );

test("marketing-attribution.md: Facebook's ads and posts apart; the six models over Ada's three touchpoints and Ben's two", async () => {
  const answers = await run("marketing-attribution");
  expect(answers).toHaveLength(9);
  const [, sources, bySql, rules, models, linear, campaigns, firstTouch, revenue] = answers;
  expect(sources.rows).toContainEqual(
    expect.objectContaining({ source: "facebook", medium: "paid", events: 1, sessions: 1, paid_share: 1 }),
  );
  const counts = (rows: Rows) => rows.map(({ source, medium, events }) => [source, medium, events]);
  expect(counts(bySql)).toEqual(counts(sources.rows));
  expect(rules).toContainEqual({
    source_rule_id: "click_id_any",
    source_confidence: "medium",
    source: "facebook",
    medium: "social",
    events: 1,
  });
  expect(models.totals).toEqual({ conversions: 2, value: 16000, untouched: 0 });
  expect(credit(models, "channel", "first_touch")).toEqual({ "Paid Social": 12000, "Organic Social": 4000 });
  expect(credit(models, "channel", "last_touch")).toEqual({ Email: 12000, Direct: 4000 });
  expect(credit(models, "channel", "last_non_direct")).toEqual({ Email: 12000, "Organic Social": 4000 });
  expect(credit(models, "channel", "position_based")).toEqual({
    "Paid Social": 4800,
    "Organic Search": 2400,
    Email: 4800,
    "Organic Social": 2000,
    Direct: 2000,
  });
  // A week lies between Ben's.
  expect(credit(models, "channel", "time_decay")).toMatchObject({
    Direct: 2666.666666667,
    "Organic Social": 1333.333333333,
  });
  const linearBySql = linear.map((row: { channel: string; credit: number }) => [row.channel, row.credit]);
  expect(Object.fromEntries(linearBySql)).toEqual(credit(models, "channel", "linear"));
  expect(credit(campaigns, "campaign", "last_non_direct")).toEqual({ "week-10": 12000, "": 4000 });
  expect(firstTouch.rows).toMatchObject([{ first_touch_source: "facebook", first_touch_campaign: "spring", users: 1 }]);
  expect(revenue).toEqual([{ source: "facebook", users: 1, revenue_cents: 12000 }]);
});

test("signup-funnel.md: steps in order and in the window, over devices; hours, and who comes back", async () => {
  const answers = await run("signup-funnel");
  expect(answers).toHaveLength(7);
  const [, funnel, bySql, bySource, hours, retention, retentionBySql] = answers;
  expect(funnel.rows.map(({ people }: { people: number }) => people)).toEqual([4, 3, 1]);
  expect(bySql).toEqual([{ visited: 4, saw_prices: 3, signed_up: 1 }]);
  expect(bySource).toEqual([
    { source: "direct", visited: 2, signed_up: 0 },
    { source: "chatgpt", visited: 1, signed_up: 0 },
    { source: "google", visited: 1, signed_up: 1 },
  ]);
  expect(hours.rows).toMatchObject([
    { user_id: "ada", reached: { signup: { hours: 25 }, feature_used: { hours: 218 } } },
    { user_id: "dee_1", reached: { signup: { hours: 432 }, feature_used: { at: null, hours: null } } },
  ]);
  expect(retention.rows).toEqual([
    { cohort: "2026-03-02", people: 3, retained: [3, 1, 1] },
    { cohort: "2026-03-09", people: 1, retained: [1, 0] },
    { cohort: "2026-03-16", people: 0, retained: [0] },
  ]);
  expect(retentionBySql).toEqual([
    { cohort: "2026-03-02", people: 3, after_one_week: 1, after_two_weeks: 1 },
    { cohort: "2026-03-09", people: 1, after_one_week: 0, after_two_weeks: 0 },
  ]);
});

test("ecommerce-refunds.md: a webhook sent twice counts once, and the ad pays for its order's refund", async () => {
  const answers = await run("ecommerce-refunds");
  expect(answers).toHaveLength(9);
  const [, again, earned, perDay, orders, customers, funnel, profile, journey] = answers;
  expect(again).toMatchObject({ ok: true, event_id: "refund-1001-1" });
  for (const model of ["last_touch", "linear"])
    expect(credit(earned, "source", model)).toEqual({ google: 7500, bing: 3000 });
  expect(earned.totals).toEqual({ conversions: 2, value: 10500, untouched: 0 });
  expect(perDay.map((row: { net_cents: number }) => row.net_cents)).toEqual([12000, 3000, -4500]);
  expect(orders).toEqual([
    {
      order_id: "1001",
      ordered_at: "2026-03-01T11:00:00.000Z",
      refunded_at: "2026-03-22T09:00:00.000Z",
      net_cents: 7500,
    },
    { order_id: "1002", ordered_at: "2026-03-05T15:00:00.000Z", refunded_at: null, net_cents: 3000 },
  ]);
  expect(customers).toEqual([{ user_id: "eva", orders: 1, net_cents: 7500 }]);
  expect(funnel.rows.map(({ people }: { people: number }) => people)).toEqual([1, 1]);
  expect(profile).toMatchObject({ first_touch: { source: "google" }, last_touch: { source: "newsletter" } });
  expect(journey.rows).toHaveLength(5);
});
