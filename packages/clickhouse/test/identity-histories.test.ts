import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type ClickHouse,
  conversions,
  type Explanation,
  explain,
  firstTouch,
  instant,
  journey,
  type Stitch,
  sessions,
  stats,
  users,
} from "../src/index.ts";
import { amongVisitors } from "../src/queries/among-visitors.ts";
import { insertEvents, type TestEvent } from "./event-rows.ts";
import { answersByDefinition } from "./history-oracle.ts";
import { openTemporary } from "./open.ts";
import { linkName } from "./stitch-oracle.ts";

/** Histories share a project, each with visitors and users of its own: one look at a report checks it for all of them. */
const histories = 220;
const seed = 20261124;
const project_id = "histories";
const scope = { project_id, env: "live" } as const;
const start = Date.UTC(2026, 2, 1);
/** Two of them are within a session, three are not. */
const step = 15 * 60_000;
const range = { from: new Date(start), to: new Date(start + 40 * step) };
const limit = 100_000;

const sources = ["facebook", "google", "direct", "internal"];

const drawn = fc.array(
  fc.record({
    // Few instants, visitors and users: ties, shared devices, account switches and several devices are common.
    at: fc.integer({ min: 1, max: 16 }),
    device: fc.constantFrom("D1", "D1", "D2", "D3", ""),
    user: fc.constantFrom(null, null, "alice", "bob", "carol"),
    event_name: fc.constantFrom("view", "view", "signup"),
    /** Comes only after links were withdrawn. */
    late: fc.boolean(),
  }),
  { minLength: 2, maxLength: 14 },
);
const plan = fc.record({
  drawn,
  withdrawn: fc.array(fc.nat(), { maxLength: 4 }),
  restored: fc.array(fc.nat(), { maxLength: 2 }),
});

type Event = TestEvent & { late: boolean; path: string };
type Link = { anonymous_id: string; user_id: string };

const plans = fc.sample(plan, { seed, numRuns: histories }).map(({ drawn, withdrawn, restored }, number) => {
  const name = (id: string) => `${id}-${String(number).padStart(3, "0")}`;
  const events = drawn.map(
    ({ at, device, user, ...rest }, index): Event => ({
      ...rest,
      event_id: `e${number}-${index}`,
      timestamp: new Date(start + at * step),
      anonymous_id: device === "" ? "" : name(device),
      // An event needs one of the two.
      user_id: user === null ? (device === "" ? name("dave") : null) : name(user),
      path: `/${number}`,
      // One for each instant: which of two at once is the first touch is not a matter of identity.
      source: sources[(at + number) % sources.length] ?? "",
    }),
  );
  const made = events.filter(({ anonymous_id, user_id }) => anonymous_id !== "" && user_id != null);
  const links = [...new Map(made.map((event) => [linkName(event), event as unknown as Link])).values()];
  const pick = (from: Link[], at: readonly number[]) => [...new Set(at.flatMap((n) => from[n % from.length] ?? []))];
  const unlinked = pick(links, withdrawn);
  return { events, unlinked, relinked: pick(unlinked, restored) };
});
const everyEvent = plans.flatMap(({ events }) => events);
const unlinked = plans.flatMap((one) => one.unlinked);
const relinked = plans.flatMap((one) => one.relinked);

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: true });
});
afterAll(() => clickhouse.close());

const every = ["time_sliced", "first_owner", "all_devices"] as const;

let entries = 0;
/** Entries of the log, each a little later than the one before. */
async function log(action: "unlink" | "relink", links: readonly Link[]): Promise<void> {
  const lines = links.map(({ anonymous_id, user_id }) => {
    const at = instant(new Date(Date.UTC(2026, 5, 1) + ++entries));
    return JSON.stringify({ ...scope, anonymous_id, user_id, at, action, reason: "r", key_prefix: "k" });
  });
  await clickhouse.insert({ table: "link_withdrawals_v1", lines, token: crypto.randomUUID() });
}

/** Stores events in the order of their hashes, in three inserts. */
async function arrive(events: readonly Event[]): Promise<void> {
  const shuffled =
    fc.sample(fc.shuffledSubarray([...events], { minLength: events.length }), { seed, numRuns: 1 })[0] ?? [];
  const third = Math.ceil(shuffled.length / 3);
  for (const at of [0, 1, 2]) {
    const rows = shuffled
      .slice(at * third, (at + 1) * third)
      .map(({ late: _, ...event }) => ({ ...event, project_id }));
    await insertEvents(clickhouse, rows);
  }
}

const everyVisitor = [...new Set(everyEvent.map(({ anonymous_id }) => anonymous_id ?? ""))];

const everyUser = [...new Set(everyEvent.flatMap(({ user_id }) => user_id ?? []))];

const ownersById = (rows: readonly { event_id: string; owner: string | null }[]) =>
  Object.fromEntries(
    [...Map.groupBy(rows, ({ event_id }) => event_id)].map(([id, owned]) => [id, owned.map(({ owner }) => owner)]),
  );

/** The same answers as `answersByDefinition`, from the reads. */
async function answers(stitch: Stitch, excepted: boolean) {
  const params = { ...scope, ...range, stitch, include_bots: false, limit };
  const owned = await clickhouse.query<{ event_id: string; owner: string | null }>(
    `SELECT event_id, owner
     FROM stitched_events(project_id = {project_id:String}, env = 'live', stitch = {stitch:String}, devices = [])
     ORDER BY event_id, owner`,
    { project_id, stitch },
  );
  const owners = ownersById(owned);
  // From the visitors' own rows alone, as reads of a few people are answered.
  for (const exclusive of [true, false]) {
    const few = await clickhouse.query<{ event_id: string; owner: string | null }>(
      amongVisitors(
        `SELECT event_id, owner
FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})
WHERE event_name != ''
ORDER BY event_id, owner`,
        { devices: everyVisitor, excepted },
        stitch,
        exclusive,
      ),
      { ...scope, stitch, devices: everyVisitor, user_ids: everyUser },
    );
    expect(ownersById(few), stitch).toEqual(owners);
  }
  const touches = await firstTouch(clickhouse, params);
  const profiles = await users(clickhouse, { ...params, filters: {} });
  const signups = await conversions(clickhouse, { ...params, events: ["signup"] });
  const reported = {
    owners,
    touches: touches.map((row) => [row.user_id, row.first_touch_source, row.first_seen_at].join(" ")),
    profiles: profiles.map((row) =>
      [row.user_id, row.events, row.last_seen_at, row.devices.length, row.shared_devices].join(" "),
    ),
    signups: signups.map(({ user_id, reached_at: [at], reached_hours: [hours] }) =>
      [user_id, at ?? undefined, hours ?? undefined].join(" "),
    ),
  };
  if (stitch === "all_devices") return reported;
  const found = await stats(clickhouse, {
    ...{ ...params, stitch, metric: "users", timezone: "UTC", group_by: ["path"], filters: {} },
  });
  const visits = await sessions(clickhouse, { ...params, stitch, filters: {} });
  return {
    ...reported,
    users: Object.fromEntries(found.map(({ groups: [path = ""], value }) => [path, value])),
    sessions: visits
      .map(({ anonymous_id, started_at, events, user_id }) => [anonymous_id, started_at, events, user_id].join(" "))
      .sort(),
  };
}

const sample = <T>(items: readonly T[], count: number) =>
  items.filter((_, at) => at % Math.ceil(items.length / count) === 0);

/** By the definition, history by history: none has to do with another. */
function expected(withdrawn: ReadonlySet<string>, stitch: Stitch) {
  const each = plans.map(({ events }) => answersByDefinition(events, withdrawn, stitch));
  const merged = <Value>(pick: (one: (typeof each)[number]) => Record<string, Value>): Record<string, Value> =>
    Object.assign({}, ...each.map(pick));
  const sorted = (pick: (one: (typeof each)[number]) => string[]) => each.flatMap(pick).sort();
  return {
    owners: merged((one) => one.owners),
    journeys: merged((one) => one.journeys),
    touches: sorted((one) => one.touches),
    profiles: sorted((one) => one.profiles),
    signups: sorted((one) => one.signups),
    users: merged((one) => one.users),
    sessions: sorted((one) => one.sessions),
  };
}

/** Every read of every form, and for a sample of people and events journey and explain. */
async function everyReadAgrees(withdrawn: ReadonlySet<string>, stitches: readonly Stitch[]): Promise<void> {
  const owners = new Map<Stitch, Record<string, (string | null)[]>>();
  for (const stitch of stitches) {
    const { journeys, ...others } = expected(withdrawn, stitch);
    owners.set(stitch, others.owners);
    // Of all owners at once there are no sessions and no stats.
    expect({ ...others, ...(await answers(stitch, withdrawn.size > 0)) }).toEqual(others);
    for (const [user_id, path] of sample(Object.entries(journeys), 3)) {
      const rows = await journey(clickhouse, { ...scope, ...range, stitch, include_bots: false, user_id, limit });
      expect([user_id, rows.map(({ event_id }) => event_id)]).toEqual([user_id, path]);
    }
  }
  for (const { event_id } of sample(everyEvent, 5)) {
    const explained = await explain(clickhouse, { ...scope, event_id });
    for (const [stitch, expected] of owners)
      expect(explained?.owners[stitch].map(({ user_id }) => user_id)).toEqual(expected[event_id]);
    reasonHolds(explained, withdrawn);
  }
}

/** The rule is the first that holds, and the link that it names is one that counts. */
function reasonHolds(explained: Explanation | undefined, withdrawn: ReadonlySet<string>): void {
  const event = everyEvent.find(({ event_id }) => event_id === explained?.event.event_id);
  if (event === undefined) throw new Error("not explained");
  const [owner] = explained?.owners.time_sliced ?? [];
  const links = everyEvent.filter((other) => other.anonymous_id === event.anonymous_id && other.user_id != null);
  const counting = links.filter((other) => !withdrawn.has(linkName(other)));
  const isLater = counting.some(({ timestamp }) => timestamp >= event.timestamp);
  const unowned = counting.length === 0 ? "none" : isLater ? "next_link" : "last_link";
  expect(owner?.rule).toBe(event.user_id == null ? unowned : "own_user_id");
  if (owner?.rule !== "next_link" && owner?.rule !== "last_link") return;
  const by = everyEvent.find(({ event_id }) => event_id === owner.link?.event_id);
  expect([by?.user_id, by?.anonymous_id, owner.link?.withdrawn]).toEqual([owner.user_id, event.anonymous_id, null]);
}

test(`${histories} random histories: while links are withdrawn, restored and made again late, every read says what the definition says`, async () => {
  expect(unlinked.length).toBeGreaterThan(histories / 2);
  expect(relinked.length).toBeGreaterThan(histories / 8);
  await arrive(everyEvent.filter(({ late }) => !late));
  await log("unlink", unlinked);
  await arrive(everyEvent.filter(({ late }) => late));
  await everyReadAgrees(new Set(unlinked.map(linkName)), every);

  await log("relink", relinked);
  const names = new Set(relinked.map(linkName));
  await everyReadAgrees(new Set(unlinked.map(linkName).filter((name) => !names.has(name))), ["time_sliced"]);

  // Withdrawn again and all restored: as if nothing had been.
  await log("unlink", relinked);
  await log("relink", unlinked);
  await everyReadAgrees(new Set(), every);
}, 600_000);
