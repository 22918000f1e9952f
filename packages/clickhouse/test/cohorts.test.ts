import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, funnel, type RetentionParams, retention, type Stitch } from "../src/index.ts";
import { insertProject, type TestEvent } from "./event-rows.ts";
import { openTemporary } from "./open.ts";
import { ownersByDefinition } from "./stitch-oracle.ts";

// Funnels and retention: what groups of people did, against the definitions written down naively.
let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: true });
});
afterAll(() => clickhouse.close());

const hour = 3_600_000;
const start = Date.parse("2026-03-01T00:00:00Z");
const after = (hours: number) => new Date(start + hours * hour);
const range = { from: new Date(start), to: after(60 * 24) };

const stored = (events: readonly TestEvent[]) => insertProject(clickhouse, events);

const scope = (project_id: string, stitch: Stitch = "time_sliced") =>
  ({ project_id, env: "live", stitch, include_bots: false, ...range }) as const;

let ids = 0;
const did = (event_name: string, hours: number, anonymous_id = "a", user_id: string | null = null): TestEvent => ({
  event_id: `e${++ids}`,
  timestamp: after(hours),
  anonymous_id,
  user_id,
  event_name,
});

const steps = ["visit", "signup", "purchase"];
const reached = (project: string, days = 7, rest = {}) =>
  funnel(clickhouse, { ...scope(project), steps, window_ms: days * 24 * hour, ...rest });

test("an out-of-order step does not count, nor one after the window; a step between does no harm", async () => {
  const project = await stored([
    ...[did("visit", 0, "in order"), did("other", 1, "in order"), did("signup", 2, "in order")],
    ...[did("signup", 0, "backwards"), did("visit", 1, "backwards")],
    ...[did("visit", 0, "slow"), did("signup", 24 * 7 + 1, "slow")],
    ...[did("visit", 0, "again"), did("visit", 24 * 5, "again"), did("signup", 24 * 8, "again")],
    ...[did("signup", 0, "no start"), did("purchase", 1, "no start")],
  ]);
  expect(await reached(project)).toEqual([4, 2, 0]);
  expect(await reached(project, 30)).toEqual([4, 3, 0]);
});

test("a funnel follows a person over devices, and counts nothing outside of the range", async () => {
  const project = await stored([
    ...[did("visit", 0, "phone"), did("login", 1, "phone", "u"), did("signup", 2, "laptop", "u")],
    did("purchase", 3, "", "u"),
    ...[did("visit", -1, "early"), did("signup", 1, "early")],
  ]);
  expect(await reached(project)).toEqual([1, 1, 1]);
  expect(await reached(project, 7, { to: after(3) })).toEqual([1, 1, 0]);
  expect(await reached("nobody")).toEqual([0, 0, 0]);
});

const table = async (project: string, rest: Partial<RetentionParams> = {}) =>
  retention(clickhouse, { ...scope(project), interval: "week", timezone: "UTC", ...rest });

test("retention: people by the week of their first event, and who came back in each week after it", async () => {
  const week = 24 * 7;
  const project = await stored([
    // A Sunday: the last day of its week.
    ...[did("visit", 0, "a"), did("visit", week, "a"), did("visit", 3 * week, "a")],
    ...[did("visit", 25, "b"), did("visit", 26, "b")],
    // Known before the range, and so of none of its cohorts.
    ...[did("visit", -24 * 20, "old"), did("visit", 26, "old")],
  ]);
  const rows = await table(project, { to: after(24 * 22) });
  expect(rows).toEqual([
    { cohort: "2026-02-23", people: 1, retained: [1, 1, 0, 1] },
    { cohort: "2026-03-02", people: 1, retained: [1, 0, 0] },
    { cohort: "2026-03-09", people: 0, retained: [0, 0] },
    { cohort: "2026-03-16", people: 0, retained: [0] },
  ]);
});

test("a day of retention is one of the asked time zone, 23 hours long when the clocks go forward", async () => {
  const [from, to] = [new Date("2026-03-27T23:00:00Z"), new Date("2026-03-30T22:00:00Z")];
  const at = (time: string, anonymous_id: string) => ({ ...did("visit", 0, anonymous_id), timestamp: new Date(time) });
  const project = await stored([
    at("2026-03-28T22:59:59Z", "a"),
    at("2026-03-29T22:00:00Z", "a"),
    at("2026-03-29T21:59:59Z", "b"),
  ]);
  expect(await table(project, { interval: "day", timezone: "Europe/Berlin", from, to })).toEqual([
    { cohort: "2026-03-28", people: 1, retained: [1, 0, 1] },
    { cohort: "2026-03-29", people: 1, retained: [1, 0] },
    { cohort: "2026-03-30", people: 0, retained: [0] },
  ]);
});

test("who never did the cohort's event is of no cohort, and what came before it is no return", async () => {
  const project = await stored([
    ...[did("visit", 0, "a"), did("signup", 1, "a"), did("visit", 24 * 10, "a")],
    did("visit", 2, "b"),
  ]);
  const rows = await table(project, { event: "signup", returning_event: "visit", to: after(24 * 12) });
  expect(rows.map(({ people, retained }) => [people, ...retained])).toEqual([
    [1, 0, 0, 1],
    [0, 0, 0],
    [0, 0],
  ]);
});

/** Everybody's events, by the definition of owners. */
function people(events: readonly TestEvent[], stitch: Stitch): TestEvent[][] {
  const owners = ownersByDefinition(events, stitch);
  const found = new Map<string, TestEvent[]>();
  for (const event of events)
    for (const owner of owners[event.event_id] ?? []) {
      const person = owner === null ? `visitor ${event.anonymous_id}` : `user ${owner}`;
      found.set(person, [...(found.get(person) ?? []), event]);
    }
  return [...found.values()];
}

/** How many steps this person did in order: every choice of events is tried. */
function levelByDefinition(events: readonly TestEvent[], window: number): number {
  const from = (level: number, at: number, first: number): number => {
    const next = events.filter(
      ({ event_name, timestamp }) =>
        event_name === steps[level] && timestamp.getTime() >= at && timestamp.getTime() - first <= window,
    );
    return Math.max(level, ...next.map(({ timestamp }) => from(level + 1, timestamp.getTime(), first)));
  };
  const starts = events.filter(({ event_name }) => event_name === steps[0]).map(({ timestamp }) => timestamp.getTime());
  return Math.max(0, ...starts.map((at) => from(1, at, at)));
}

/** One person's cohort and the intervals of returning, as numbers of days or weeks since the Monday before the range. */
function retainedByDefinition(events: readonly TestEvent[], days: number, event: string, from: Date) {
  const monday = Date.parse("2026-02-23T00:00:00Z");
  const bucket = ({ timestamp }: TestEvent) => Math.floor((timestamp.getTime() - monday) / (days * 24 * hour));
  const starts = events.filter(({ event_name }) => event_name === event).sort((a, b) => +a.timestamp - +b.timestamp);
  const [first] = starts;
  if (first === undefined || first.timestamp < from) return undefined;
  const returns = events
    .filter(({ timestamp }) => timestamp >= first.timestamp)
    .map((own) => bucket(own) - bucket(first));
  return { cohort: bucket(first), returns: new Set(returns) };
}

const drawn = fc.array(
  fc.record({
    event_name: fc.constantFrom("visit", "visit", "signup", "purchase", "other"),
    // Ties, and edges of windows and weeks.
    hours: fc.oneof(fc.integer({ min: 0, max: 24 * 50 }), fc.constantFrom(0, 24, 48, 24 * 8)),
    anonymous_id: fc.constantFrom(...Array.from({ length: 12 }, (_, index) => `v${index}`)),
    user_id: fc.constantFrom(null, null, null, null, "u", "w", "x"),
  }),
  { minLength: 40, maxLength: 120 },
);
const rule = fc.constantFrom<Stitch>("time_sliced", "first_owner", "all_devices");

test("random histories: funnels of the definition, under every stitch", async () => {
  await fc.assert(
    fc.asyncProperty(drawn, rule, fc.constantFrom(1, 7), async (random, stitch, days) => {
      const events = random.map(({ hours, ...rest }) => ({ ...did("", hours), ...rest }));
      const levels = people(events, stitch).map((own) => levelByDefinition(own, days * 24 * hour));
      const expected = steps.map((_, index) => levels.filter((level) => level > index).length);
      expect(await reached(await stored(events), days, { stitch })).toEqual(expected);
    }),
    { seed: 61, numRuns: 12, endOnFailure: true },
  );
}, 240_000);

test("random histories: retention of the definition, under every stitch", async () => {
  const question = fc.record({
    interval: fc.constantFrom("day" as const, "week" as const),
    from: fc.constantFrom(0, 24 * 8),
  });
  await fc.assert(
    fc.asyncProperty(drawn, rule, question, async (random, stitch, { interval, from }) => {
      const events = random.map(({ hours, ...rest }) => ({ ...did("", hours), ...rest }));
      const days = interval === "day" ? 1 : 7;
      const expected = people(events, stitch).flatMap(
        (own) => retainedByDefinition(own, days, "signup", after(from)) ?? [],
      );
      const rows = await table(await stored(events), { interval, stitch, event: "signup", from: after(from) });
      const first = Math.floor((after(from).getTime() - Date.parse("2026-02-23T00:00:00Z")) / (days * 24 * hour));
      for (const [index, { people, retained }] of rows.entries()) {
        const own = expected.filter(({ cohort }) => cohort === index + first);
        expect(people).toBe(own.length);
        expect(retained).toEqual(retained.map((_, period) => own.filter(({ returns }) => returns.has(period)).length));
      }
      expect(rows.reduce((sum, row) => sum + row.people, 0)).toBe(expected.length);
    }),
    { seed: 67, numRuns: 12, endOnFailure: true },
  );
}, 240_000);
