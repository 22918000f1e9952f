import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type AttributionModel,
  type AttributionParams,
  attribution,
  attributionModels,
  type ClickHouse,
} from "../src/index.ts";
import { journeysByDefinition, sharesByDefinition } from "./attribution-oracle.ts";
import { insertProject, type TestEvent } from "./event-rows.ts";
import fixture from "./fixtures/attribution-six-models.json" with { type: "json" };
import { openTemporary } from "./open.ts";

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: true });
});
afterAll(() => clickhouse.close());

const hour = 3_600_000;
const start = Date.parse("2026-03-01T00:00:00Z");
const after = (hours: number) => new Date(start + hours * hour);

const stored = (events: readonly TestEvent[]) => insertProject(clickhouse, events);

/** Credit of each group under each model, and the sums of all. */
async function read(project_id: string, params: Partial<AttributionParams> = {}) {
  const models = params.models ?? attributionModels;
  const rows = await attribution(clickhouse, {
    project_id,
    env: "live",
    from: new Date(start),
    to: after(90 * 24),
    events: ["purchase"],
    models,
    group_by: ["source"],
    lookback_days: 30,
    value: "amount_cents",
    stitch: "time_sliced",
    include_bots: false,
    limit: 1000,
    ...params,
  });
  const credit = (model: AttributionModel, of: "values" | "conversions" = "values") => {
    const credits: Record<string, number> = {};
    for (const row of rows) {
      const own = row[of][models.indexOf(model)] ?? 0;
      if (own !== 0) credits[row.group.join("/")] = own;
    }
    return credits;
  };
  const { all_conversions = 0, all_value = 0, all_untouched = 0 } = rows[0] ?? {};
  return { credit, all_conversions, all_value, all_untouched };
}

const visit = (id: string, hours: number, source: string, rest: Partial<TestEvent> = {}): TestEvent => ({
  event_id: id,
  timestamp: after(hours),
  anonymous_id: "a",
  event_name: "$pageview",
  source,
  ...rest,
});
const purchase = (id: string, hours: number, amount: unknown, rest: Partial<TestEvent> = {}): TestEvent =>
  visit(id, hours, "internal", {
    event_name: "purchase",
    properties: JSON.stringify({ amount_cents: amount }),
    ...rest,
  });

test("five touches and one conversion: every model gives what the worked example says, in one call", async () => {
  const touches = fixture.touches.map(({ day, channel }, index) =>
    visit(`t${index}`, day * 24, channel === "Direct" ? "direct" : channel, { campaign: `touch ${index}` }),
  );
  const project = await stored([...touches, purchase("c", fixture.conversion_day * 24, fixture.value)]);
  const { credit } = await read(project, { group_by: ["campaign"], lookback_days: 90 });
  for (const [name, expected] of Object.entries(fixture.expected)) {
    const model = name === "position_40_20_40" ? "position_based" : (name as AttributionModel);
    const given = expected.map((_, index) => credit(model)[`touch ${index}`] ?? 0);
    for (const [index, value] of expected.entries())
      expect(Math.abs((given[index] ?? 0) - value), `${name} ${index}`).toBeLessThanOrEqual(fixture.tolerance);
    expect(given.reduce((sum, value) => sum + value, 0)).toBeCloseTo(fixture.value, 6);
  }
});

const ad = visit("ad", 0, "facebook", { medium: "paid" });

test("a payment page in between, however long the way back, leaves the credit with the ad", async () => {
  const project = await stored([ad, visit("back", 2, "internal"), purchase("c", 2.1, 12000)]);
  const { credit } = await read(project);
  for (const model of attributionModels) expect(credit(model)).toEqual({ facebook: 12000 });
});

test("a purchase that only the server saw is credited to what brought its user, on whatever device", async () => {
  const project = await stored([
    { ...ad, anonymous_id: "phone" },
    visit("login", 1, "internal", { anonymous_id: "phone", user_id: "u" }),
    visit("mail", 48, "newsletter", { anonymous_id: "laptop" }),
    visit("again", 48.1, "internal", { anonymous_id: "laptop", user_id: "u" }),
    purchase("c", 72, 500, { anonymous_id: "", user_id: "u", source: "direct" }),
  ]);
  const { credit, all_untouched } = await read(project);
  expect(credit("first_touch")).toEqual({ facebook: 500 });
  expect(credit("last_touch")).toEqual({ newsletter: 500 });
  expect(credit("linear")).toEqual({ facebook: 250, newsletter: 250 });
  expect(all_untouched).toBe(0);
});

test("two users of one browser, even of one session, never get each other's ads", async () => {
  const project = await stored([
    ad,
    purchase("alice", 0.1, 100, { user_id: "alice" }),
    purchase("bob", 0.2, 1, { user_id: "bob" }),
    visit("mail", 5, "newsletter"),
    purchase("bob again", 5.1, 10, { user_id: "bob" }),
  ]);
  const { credit, all_untouched } = await read(project);
  expect(credit("first_touch")).toEqual({ facebook: 100, newsletter: 10, direct: 1 });
  expect(all_untouched).toBe(1);
});

test("a visitor nobody knows is a person, too; a bot only when asked for", async () => {
  const bot = { anonymous_id: "b", is_bot: true };
  const project = await stored([ad, purchase("c", 1, 7), visit("b1", 0, "google", bot), purchase("b2", 0.1, 9, bot)]);
  expect((await read(project)).credit("linear")).toEqual({ facebook: 7 });
  expect((await read(project, { include_bots: true })).credit("linear")).toEqual({ facebook: 7, google: 9 });
});

test("the look-back begins so many days before the conversion, to the second; what comes later gets nothing", async () => {
  const project = await stored([
    visit("early", 0, "google"),
    purchase("c", 30 * 24, 10),
    visit("late", 30 * 24 + 1, "bing"),
  ]);
  expect((await read(project)).credit("first_touch")).toEqual({ google: 10 });
  expect((await read(project, { lookback_days: 29 })).credit("first_touch")).toEqual({ direct: 10 });
  expect((await read(project, { from: after(30 * 24) })).credit("first_touch")).toEqual({ google: 10 });
  expect((await read(project, { to: after(30 * 24) })).all_conversions).toBe(0);
});

test("a value may be text, missing or no number; credits of thirds add up to the last digit", async () => {
  const project = await stored([
    visit("1", 0, "google"),
    visit("2", 1, "bing"),
    visit("3", 2, "qwant"),
    purchase("a", 3, "19.99"),
    purchase("b", 4, undefined),
    purchase("c", 5, "free"),
    purchase("d", 6, { cents: 5 }),
  ]);
  const { credit, all_value, all_conversions } = await read(project, { models: ["linear"] });
  expect([all_conversions, all_value]).toEqual([4, 19.99]);
  expect(credit("linear")).toEqual({ google: 6.663333333, bing: 6.663333334, qwant: 6.663333333 });
});

test("a refund under the order's key takes back what the order gave, whatever brought the customer since", async () => {
  const order = (amount_cents: number) => JSON.stringify({ amount_cents, order_id: "o1" });
  const project = await stored([
    ad,
    visit("2", 24, "google"),
    purchase("order", 25, 0, { properties: order(12000) }),
    visit("3", 24 * 40, "newsletter"),
    purchase("refund", 24 * 40 + 1, 0, { event_name: "refund", properties: order(-2000) }),
  ]);
  const events = ["purchase", "refund"];
  const together = await read(project, { events, order_key: "order_id" });
  expect(together.credit("linear")).toEqual({ facebook: 5000, google: 5000 });
  expect(together.credit("last_touch")).toEqual({ google: 10000 });
  expect(together.credit("last_touch", "conversions")).toEqual({ google: 1 });
  // Without the key a refund is an event of its own.
  expect((await read(project, { events })).credit("last_touch")).toEqual({ google: 12000, newsletter: -2000 });
  // The order was last month.
  const later = await read(project, { events, order_key: "order_id", from: after(24 * 30) });
  expect(later.credit("linear")).toEqual({ facebook: -1000, google: -1000 });
  expect([later.all_conversions, later.all_value]).toEqual([0, -2000]);
});

const step = fc.record({
  anonymous_id: fc.constantFrom("a", "a", "b", ""),
  user_id: fc.constantFrom(null, null, null, "u", "w"),
  event_name: fc.constantFrom("$pageview", "$pageview", "purchase"),
  source: fc.constantFrom("direct", "internal", "google", "facebook", "newsletter"),
  session_id: fc.constantFrom("", "", "", "", "x"),
  minutes: fc.oneof(fc.integer({ min: 0, max: 60 * 24 * 60 }), fc.constantFrom(0, 10, 30, 60)),
  amount: fc.integer({ min: -5000, max: 20000 }),
});

type Step = typeof step extends fc.Arbitrary<infer Drawn> ? Drawn : never;

/** Events of one story: its visitors, users and campaign are its own. */
const story = (drawn: readonly Step[], story: number) =>
  drawn.map(({ minutes, amount, anonymous_id, user_id, ...rest }, index) => ({
    ...rest,
    event_id: `${story}-${String(index).padStart(2, "0")}`,
    anonymous_id: anonymous_id && `${anonymous_id}${story}`,
    user_id: anonymous_id === "" || user_id !== null ? `${user_id ?? "u"}${story}` : null,
    campaign: String(story),
    timestamp: after(minutes / 60),
    properties: JSON.stringify({ amount_cents: amount }),
  }));

const amountOf = ({ properties = "{}" }: TestEvent) =>
  (JSON.parse(properties) as { amount_cents: number }).amount_cents;

/** What each source and campaign gets, by definition. */
function creditsByDefinition(model: AttributionModel, journeys: ReturnType<typeof journeysByDefinition>) {
  const credits: Record<string, number> = {};
  for (const { conversion, touches } of journeys) {
    const shares = sharesByDefinition(model, touches, conversion.timestamp.getTime());
    for (const [index, share] of shares.entries()) {
      const { source, campaign } = touches[index] ?? { source: "", campaign: "" };
      credits[`${source}/${campaign}`] = (credits[`${source}/${campaign}`] ?? 0) + share * amountOf(conversion);
    }
    if (model === "last_non_direct" && touches.some(({ source }) => source !== "direct"))
      expect(touches[shares.indexOf(1)]?.source).not.toBe("direct");
  }
  return credits;
}

test("random journeys over shared devices: the credits of the definition, adding up to the value in every model", async () => {
  const stories = fc.array(fc.array(step, { minLength: 1, maxLength: 25 }), { minLength: 30, maxLength: 30 });
  const question = fc.record({
    stitch: fc.constantFrom("time_sliced" as const, "first_owner" as const),
    lookback_days: fc.constantFrom(1, 7, 30),
    from: fc.constantFrom(after(0), after(24 * 20)),
  });
  await fc.assert(
    fc.asyncProperty(stories, question, async (drawn, asked) => {
      const events = drawn.map(story);
      const project = await stored(events.flat());
      const to = after(24 * 50);
      const { credit, ...all } = await read(project, { ...asked, to, group_by: ["source", "campaign"] });
      const journeys = events.flatMap((own) => journeysByDefinition(own, { ...asked, to, event: "purchase" }));
      const value = journeys.reduce((sum, { conversion }) => sum + amountOf(conversion), 0);
      expect([all.all_conversions, all.all_value]).toEqual([journeys.length, value]);
      for (const model of attributionModels) {
        const expected = creditsByDefinition(model, journeys);
        const given = credit(model);
        for (const group of new Set([...Object.keys(given), ...Object.keys(expected)]))
          expect(given[group] ?? 0, `${model} ${group}`).toBeCloseTo(expected[group] ?? 0, 4);
        expect(Object.values(given).reduce((sum, part) => sum + part, 0)).toBeCloseTo(value, 6);
      }
    }),
    { seed: 43, numRuns: 6, endOnFailure: true },
  );
}, 240_000);
