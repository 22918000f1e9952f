import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, checkFirstTouches, firstTouch, firstTouchGrouped, type Stitch } from "../src/index.ts";
import { insertEvents, type TestEvent } from "./event-rows.ts";
import { openTemporary } from "./open.ts";
import { ownersByDefinition } from "./stitch-oracle.ts";

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: true });
});
afterAll(() => clickhouse.close());

const stitches = ["time_sliced", "first_owner", "all_devices"] as const;
const always = { from: new Date(0), to: new Date("2100-01-01") };
const day = (n: number) => new Date(Date.UTC(2026, 1, 20 + n));

type Event = TestEvent & { is_bot?: boolean };
type Touch = [user: string, at: string, source: string];

/** The first event of every user, found by looking at each; at the same instant a named source comes first. */
function firstByDefinition(events: readonly Event[], stitch: Stitch, include_bots: boolean): Touch[] {
  const owners = ownersByDefinition(events, stitch);
  const first = new Map<string, Event>();
  const rank = ({ timestamp, source }: Event) => timestamp.getTime() * 2 + (source === "direct" ? 1 : 0);
  for (const event of events) {
    if (event.is_bot && !include_bots) continue;
    for (const owner of owners[event.event_id] ?? []) {
      if (owner === null) continue;
      const known = first.get(owner);
      if (known === undefined || rank(event) < rank(known)) first.set(owner, event);
    }
  }
  return [...first]
    .map(([user, { timestamp, source = "" }]): Touch => [user, timestamp.toISOString(), source])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

async function read(project_id: string, stitch: Stitch, include_bots: boolean): Promise<Touch[]> {
  const params = { project_id, env: "live", stitch, include_bots, ...always, limit: 1000 } as const;
  const rows = await firstTouch(clickhouse, params);
  const grouped = await firstTouchGrouped(clickhouse, params);
  expect(grouped.reduce((users, row) => users + row.users, 0)).toBe(rows.length);
  return rows.map((row): Touch => [row.user_id, row.first_seen_at, row.first_touch_source]);
}

const drawnEvent = fc.record({
  // Few instants over three months, visitors and users, so that ties, shared devices, several parts and partitions are common.
  at: fc.integer({ min: 1, max: 14 }),
  anonymous_id: fc.constantFrom("D1", "D2", "D3", ""),
  user: fc.constantFrom(null, null, null, "alice", "bob", "carol"),
  source: fc.constantFrom("direct", "direct", "google", "facebook"),
  is_bot: fc.constantFrom(false, false, false, false, true),
  deleted: fc.constantFrom(false, false, false, true),
});

/** One source to an instant and visitor beside `direct`: which of two names wins is the engine's hash to say. */
const settled = (drawn: { at: number; source: string }[]) => {
  const names = new Map<number, string>();
  return drawn.map((event) => {
    if (event.source === "direct") return event.source;
    const name = names.get(event.at) ?? event.source;
    names.set(event.at, name);
    return name;
  });
};

test("late, shuffled, deleted events, shared devices, bots: every rule agrees with its definition, and with the events one by one", async () => {
  const histories: { project_id: string; events: Event[]; deleted: string[] }[] = [];
  fc.assert(
    fc.property(fc.array(drawnEvent, { minLength: 1, maxLength: 14 }), (drawn) => {
      const sources = settled(drawn);
      const project_id = `first-${histories.length}`;
      const events = drawn.map(
        ({ at, anonymous_id, user, is_bot }, index): Event => ({
          event_id: `${project_id}-${index}`,
          timestamp: day(at * 6),
          anonymous_id,
          user_id: anonymous_id === "" ? (user ?? "dave") : user,
          source: sources[index] ?? "",
          is_bot,
        }),
      );
      const deleted = drawn.flatMap((event, index) => (event.deleted ? [`${project_id}-${index}`] : []));
      histories.push({ project_id, events, deleted });
    }),
    { seed: 20261124, numRuns: 24 },
  );
  for (const third of [0, 1, 2]) {
    const rows = histories.flatMap(({ project_id, events }) =>
      events.filter((_, index) => index % 3 === third).map((event) => ({ ...event, project_id })),
    );
    await insertEvents(clickhouse, rows);
  }
  const agree = async (left: (history: (typeof histories)[number]) => Event[], few: typeof histories) => {
    for (const history of few) {
      const { project_id } = history;
      for (const stitch of stitches) {
        const bots = history.events.length % 2 === 0;
        const expected = firstByDefinition(left(history), stitch, bots);
        expect(await read(project_id, stitch, bots), `${stitch} ${project_id}`).toEqual(expected);
      }
      const { different } = await checkFirstTouches(clickhouse, { project_id, env: "live" }, { salt: "", limit: 100 });
      expect(different, project_id).toBe(0);
    }
  };
  await agree(({ events }) => events, histories.slice(0, 14));
  const gone = new Set(histories.flatMap(({ deleted }) => deleted));
  await clickhouse.command("DELETE FROM events_v1 WHERE event_id IN {ids:Array(String)}", { ids: [...gone] });
  await agree(({ events }) => events.filter(({ event_id }) => !gone.has(event_id)), histories.slice(10));
}, 600_000);

test("the self-check tells of a projection that says something else than its events", async () => {
  const project_id = "checked";
  const lie: Event[] = [
    { event_id: "c1", timestamp: day(1), anonymous_id: "a", source: "google" },
    { event_id: "c2", timestamp: day(2), anonymous_id: "a", user_id: "ann", source: "direct" },
    { event_id: "c3", timestamp: day(3), user_id: "bob", anonymous_id: "b", source: "bing" },
  ];
  await insertEvents(
    clickhouse,
    lie.map((event) => ({ ...event, project_id })),
  );
  const scope = { project_id, env: "live" } as const;
  expect(await checkFirstTouches(clickhouse, scope, { salt: "s", limit: 10 })).toEqual({ users: 2, different: 0 });
  // What projections that have lost ann's first visit would say.
  const forgetful: ClickHouse = {
    ...clickhouse,
    query: (sql, params) =>
      clickhouse.query(
        sql.replace("(first_seen_at, source", "(first_seen_at, if(user_id = 'ann', 'direct', source)"),
        params,
      ),
  };
  expect(await checkFirstTouches(forgetful, scope, { salt: "s", limit: 10 })).toEqual({ users: 2, different: 1 });
}, 300_000);

test("answers from projections, without reading events", async () => {
  const project_id = "many-events-of-few";
  const visitors = 10;
  await clickhouse.command(
    `INSERT INTO events_v1 (project_id, env, id, timestamp, event_name, anonymous_id, user_id, source)
     SELECT {project_id:String}, 'live', toString(number), toDateTime64('2026-03-01 00:00:00', 3, 'UTC') + number, 'e',
         concat('v', toString(number % {visitors:UInt8})), if(number > 90000, concat('u', toString(number % {visitors:UInt8})), NULL), 'google'
     FROM numbers(100000)`,
    { project_id, visitors },
  );
  const counter = "SELECT sum(value) AS rows FROM system.events WHERE event = 'SelectedRows'";
  const read = async () => (await clickhouse.lookUp<{ rows: number }>(counter))[0]?.rows ?? 0;
  for (const stitch of ["all_devices", "first_owner", "in_time"]) {
    const before = await read();
    const rows = await clickhouse.query(
      `SELECT * FROM first_touches_${stitch}(project_id = '${project_id}', env = 'live', include_bots = 0)`,
    );
    expect(rows).toHaveLength(visitors);
    // Granules of the projections that others share.
    expect((await read()) - before).toBeLessThan(20_000);
  }
});
