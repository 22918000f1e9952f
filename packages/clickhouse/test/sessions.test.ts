import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, type SessionRow, sessions } from "../src/index.ts";
import { insertEvents, type TestEvent } from "./event-rows.ts";
import { openTemporary } from "./open.ts";
import { sessionsByDefinition } from "./session-oracle.ts";

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: true });
});
afterAll(() => clickhouse.close());

const minute = 60_000;
const start = Date.parse("2026-03-01T14:00:00Z");
const at = (minutes: number) => new Date(start + minutes * minute);
const whole = { from: new Date(0), to: new Date("2100-01-01") };
const page = { event_name: "$pageview" };

let projects = 0;
async function stored(events: readonly TestEvent[], blocks = 1): Promise<string> {
  const project_id = `sessions-${++projects}`;
  const rows = events.map((event) => ({ ...event, project_id }));
  for (let block = 0; block < blocks; block++) {
    const part = rows.filter((_, index) => index % blocks === block);
    if (part.length > 0) await insertEvents(clickhouse, part);
  }
  return project_id;
}

const read = (project_id: string, range = whole, rest = {}) =>
  sessions(clickhouse, {
    project_id,
    env: "live",
    stitch: "time_sliced",
    include_bots: false,
    filters: {},
    limit: 1000,
    ...range,
    ...rest,
  });

test("a visit of 45 minutes across :00 and :30 is one session, whose entry source is the ad", async () => {
  const ad = { source: "facebook", medium: "paid" };
  const project = await stored([
    { ...page, ...ad, event_id: "1", anonymous_id: "a", timestamp: at(-10), path: "/" },
    { ...page, source: "internal", event_id: "2", anonymous_id: "a", timestamp: at(12), path: "/pricing" },
    { event_name: "signup", source: "internal", event_id: "3", anonymous_id: "a", user_id: "u", timestamp: at(35) },
  ]);
  expect(await read(project)).toEqual([
    expect.objectContaining({
      anonymous_id: "a",
      user_id: "u",
      started_at: "2026-03-01T13:50:00.000Z",
      ended_at: "2026-03-01T14:35:00.000Z",
      duration_s: 2700,
      events: 3,
      pageviews: 2,
      source: "facebook",
      medium: "paid",
      entry_path: "/",
      exit_path: "/pricing",
      is_bounce: false,
    }),
  ]);
});

test("a gap of exactly 30 minutes goes on, one of a millisecond more begins anew, and a campaign does not", async () => {
  const project = await stored([
    { event_id: "1", anonymous_id: "a", timestamp: at(0) },
    { event_id: "2", anonymous_id: "a", timestamp: at(30), source: "newsletter" },
    { event_id: "3", anonymous_id: "a", timestamp: new Date(at(60).getTime() + 1) },
  ]);
  expect((await read(project)).map(({ events }) => events)).toEqual([1, 2]);
});

test("a return from an internal page alone is direct, and a lone page is a bounce", async () => {
  const project = await stored([{ ...page, event_id: "1", anonymous_id: "a", timestamp: at(0), source: "internal" }]);
  expect(await read(project)).toMatchObject([{ source: "direct", medium: "direct", is_bounce: true }]);
});

test("a range takes the sessions that began in it, whole", async () => {
  const project = await stored(
    [0, 20, 40, 60, 200].map((m, n) => ({ event_id: `${n}`, anonymous_id: "a", timestamp: at(m) })),
  );
  expect(await read(project, { from: at(0), to: at(30) })).toMatchObject([{ events: 4 }]);
  expect(await read(project, { from: at(30), to: at(300) })).toMatchObject([{ events: 1 }]);
});

function spans(events: readonly TestEvent[]): { events: number; start: number; end: number }[] {
  const found = new Map<string, { events: number; start: number; end: number }>();
  for (const [event, session] of sessionsByDefinition(events)) {
    const time = event.timestamp.getTime();
    const known = found.get(session) ?? { events: 0, start: time, end: time };
    found.set(session, { events: known.events + 1, start: known.start, end: time });
  }
  return [...found.values()];
}

const order = (all: { events: number; start: number; end: number }[]) =>
  all.map(({ events, start, end }) => [start, end, events].join(" ")).sort();
const shape = (rows: readonly SessionRow[]) =>
  order(rows.map((row) => ({ events: row.events, start: Date.parse(row.started_at), end: Date.parse(row.ended_at) })));

test("late, shuffled and backfilled events, several visitors, client sessions: always what the definition says", async () => {
  const event = fc.record({
    anonymous_id: fc.constantFrom("a", "b"),
    minutes: fc.oneof(fc.integer({ min: 0, max: 200 }), fc.constantFrom(0, 30, 60, 90, 120)),
    extra: fc.constantFrom(0, 0, 1),
    session_id: fc.constantFrom("", "", "", "x", "y"),
  });
  // Ten stories in one project: each try is a round trip to the engine.
  const stories = fc.array(fc.array(event, { minLength: 1, maxLength: 14 }), { minLength: 10, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(stories, async (drawn) => {
      const events = drawn.flatMap((story, number) =>
        story.map(({ anonymous_id, minutes, extra, ...rest }, index) => ({
          ...rest,
          anonymous_id: `${anonymous_id}${number}`,
          event_id: `${number}-${String(index).padStart(2, "0")}`,
          timestamp: new Date(at(minutes).getTime() + extra),
        })),
      );
      const project = await stored(events, 3);
      expect(shape(await read(project))).toEqual(order(spans(events)));
    }),
    { seed: 5, numRuns: 8, endOnFailure: true },
  );
}, 300_000);

test("pages through all sessions without gap or repeat", async () => {
  const project = await stored(
    Array.from({ length: 25 }, (_, n) => ({
      event_id: `e${n}`,
      anonymous_id: `v${n % 5}`,
      timestamp: at(Math.floor(n / 5) * 100),
    })),
  );
  const seen: string[] = [];
  let before: { started_at: Date; session_id: string } | undefined;
  for (;;) {
    const rows = await read(project, whole, { limit: 4, before });
    seen.push(...rows.map(({ session_id }) => session_id));
    const last = rows.at(-1);
    if (last === undefined) break;
    before = { started_at: new Date(last.started_at), session_id: last.session_id };
  }
  expect(seen).toHaveLength(25);
  expect(new Set(seen).size).toBe(25);
});
