import {
  type ClickHouse,
  journey,
  lettersOfPerson,
  linksOfUser,
  deadLetters as readLetters,
  type Scope,
  spansOfUser,
  withdrawalsOfUser,
} from "@millimetric/clickhouse";
import { eventCursor, eventPosition, shownEvent } from "../http/reading.ts";
import type { DeadLetters } from "../ingest/dead-letters.ts";
import { type Forgotten, isIn } from "./forgotten.ts";

export interface ExportDeps {
  clickhouse: ClickHouse;
  deadLetters: Pick<DeadLetters, "flush">;
  forgotten: Pick<Forgotten, "suppresses" | "ready">;
}

/** Read at once: an event's properties may be 32 KB, a letter's payload 64 KB. */
const eventsAtOnce = 200;
const lettersAtOnce = 100;

const beginning = new Date(0);
const end = new Date("2200-01-01T00:00:00Z");

/**
 * Everything that is held about a user, as lines of JSON: first whether they are suppressed, then links, withdrawn links, events
 * (with the anonymous ones that are theirs; traits are the properties of `$identify`) and dead letters, of both environments.
 */
export async function* everythingAbout(
  { clickhouse, deadLetters, forgotten }: ExportDeps,
  project_id: string,
  user_id: string,
): AsyncGenerator<string> {
  const line = (kind: string, value: object) => `${JSON.stringify({ kind, ...value })}\n`;
  await Promise.all([deadLetters.flush(), forgotten.ready()]);
  yield line("user", { user_id, suppressed: forgotten.suppresses({ project_id, user_id }) });
  const ids = await letterIdsOf(clickhouse, project_id, user_id);
  for (const env of ["live", "test"] as const) {
    const scope: Scope = { project_id, env };
    for (const link of await linksOfUser(clickhouse, scope, user_id)) yield line("link", { env, ...link });
    for (const row of await withdrawalsOfUser(clickhouse, scope, user_id))
      yield line("link_withdrawal", { env, ...row });
    yield* eventsOf(clickhouse, scope, user_id, line);
    for (let from = 0; from < ids.length; from += lettersAtOnce) {
      const these = { from: beginning, to: end, ids: ids.slice(from, from + lettersAtOnce), include_replayed: true };
      for (const letter of await readLetters(clickhouse, { ...scope, ...these, limit: lettersAtOnce }))
        yield line("dead_letter", { env, ...letter });
    }
  }
}

/** Letters that name the user, and those of their visitors from when they were theirs: what forgetting them would find. */
async function letterIdsOf(clickhouse: ClickHouse, project_id: string, user_id: string): Promise<string[]> {
  const spans = await spansOfUser(clickhouse, project_id, user_id);
  const devices = [...new Set(spans.map(({ anonymous_id }) => anonymous_id))];
  const letters = await lettersOfPerson(clickhouse, { project_id, request_id: "" }, { user_id, devices });
  const isTheirs = (visitor: string, at: number) =>
    spans.some(({ anonymous_id, from, to }) => anonymous_id === visitor && isIn([visitor, from, to], at));
  return letters
    .filter(({ names_user, visitor, at }) => names_user || isTheirs(visitor, at))
    .map(({ dead_letter_id }) => dead_letter_id);
}

async function* eventsOf(
  clickhouse: ClickHouse,
  scope: Scope,
  user_id: string,
  line: (kind: string, value: object) => string,
): AsyncGenerator<string> {
  const params = { ...scope, user_id, from: beginning, to: end, stitch: "time_sliced", include_bots: true } as const;
  for (let after: ReturnType<typeof eventPosition>; ; ) {
    const rows = await journey(clickhouse, { ...params, after, limit: eventsAtOnce });
    for (const row of rows) yield line("event", shownEvent(row));
    const last = rows.at(-1);
    if (last === undefined || rows.length < eventsAtOnce) return;
    after = eventPosition(eventCursor(last));
  }
}
