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

/** Stores each project's events in its order, in three inserts that the projects share. */
async function arrive(projects: readonly { project_id: string; events: readonly TestEvent[] }[]): Promise<void> {
  for (const third of [0, 1, 2]) {
    const rows = projects.flatMap(({ project_id, events }) => {
      const size = Math.ceil(events.length / 3);
      return events.slice(third * size, (third + 1) * size).map((event) => ({ ...event, project_id }));
    });
    await insertEvents(clickhouse, rows);
  }
}

const stitches = ["time_sliced", "first_owner"] as const;

test.each(scenarios)(
  "$id: the same owners in every arrival order, by both named rules",
  async (scenario) => {
    const rows = scenario.events.map(({ n, anon, user }) => ({
      event_id: String(n),
      timestamp: day(n),
      anonymous_id: anon,
      user_id: user ?? null,
    }));
    const projects = orders(rows).map((events, index) => ({ project_id: `${scenario.id}-${index}`, events }));
    await arrive(projects);
    for (const stitch of stitches) {
      const person = scenario.person ?? scenario.person_by_rule?.[stitch] ?? {};
      const expected = Object.fromEntries(Object.entries(person).map(([n, owner]) => [n, [owner]]));
      for (const { project_id } of projects) {
        expect(await owners(project_id, stitch), `${stitch}, ${project_id}`).toEqual(expected);
      }
    }
  },
  300_000,
);
