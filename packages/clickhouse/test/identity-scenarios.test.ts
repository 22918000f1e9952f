import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ClickHouse, Stitch } from "../src/index.ts";
import { insertEvents, type TestEvent } from "./event-rows.ts";
import { openTemporary } from "./open.ts";

interface Scenario {
  id: string;
  events: { n: number; anon: string; user?: string }[];
  person?: Record<string, string>;
  person_by_rule?: Record<string, Record<string, string>>;
}

const file = new URL("./fixtures/identity-scenarios.json", import.meta.url);
const { scenarios } = JSON.parse(readFileSync(file, "utf8")) as { scenarios: Scenario[] };

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: true });
});
afterAll(() => clickhouse.close());

const day = (n: number) => new Date(Date.UTC(2026, 2, n));

type Owners = Record<string, (string | null)[]>;

async function owners(project_id: string, stitch: Stitch): Promise<Owners> {
  const rows = await clickhouse.query<{ event_id: string; owner: string | null }>(
    `SELECT event_id, owner
     FROM stitched_events(project_id = {project_id:String}, env = 'live', stitch = {stitch:String}, devices = [])
     ORDER BY event_id, owner`,
    { project_id, stitch },
  );
  const found: Owners = {};
  for (const { event_id, owner } of rows) {
    found[event_id] ??= [];
    found[event_id].push(owner);
  }
  return found;
}

/** Every order of a few events. */
function orders<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, at) => orders(items.filter((_, other) => other !== at)).map((rest) => [item, ...rest]));
}

/** Stores each story's events in its order, in three inserts that the stories share. */
async function arrive(project_id: string, stories: readonly (readonly TestEvent[])[]): Promise<void> {
  for (const third of [0, 1, 2]) {
    const rows = stories.flatMap((events) => {
      const size = Math.ceil(events.length / 3);
      return events.slice(third * size, (third + 1) * size).map((event) => ({ ...event, project_id }));
    });
    await insertEvents(clickhouse, rows);
  }
}

const stitches = ["time_sliced", "first_owner"] as const;

test.each(scenarios)("$id: the same owners in every arrival order, by both named rules", async (scenario) => {
  // Each order is a story of its own, with visitors and users that no other one has.
  const stories = orders(scenario.events).map((events, order) =>
    events.map(({ n, anon, user }) => ({
      event_id: `${order}:${n}`,
      timestamp: day(n),
      anonymous_id: `${order}:${anon}`,
      user_id: user === undefined ? null : `${order}:${user}`,
    })),
  );
  await arrive(scenario.id, stories);
  for (const stitch of stitches) {
    const person = Object.entries(scenario.person ?? scenario.person_by_rule?.[stitch] ?? {});
    const expected = stories.flatMap((_, order) =>
      person.map(([n, owner]) => [`${order}:${n}`, [`${order}:${owner}`]]),
    );
    expect(await owners(scenario.id, stitch), stitch).toEqual(Object.fromEntries(expected));
  }
});
