import type { ClickHouse } from "../clickhouse.ts";
import { chunksByBytes } from "./chunks.ts";
import { loadSql } from "./load-sql.ts";
import { instant, type Range, type Scope } from "./scope.ts";
import type { EventRow } from "./stitched.ts";

/** Columns that raw events can be filtered by; several values of one mean any of them. */
export const eventFilters = [
  "event",
  "source",
  "medium",
  "channel",
  "campaign",
  "country",
  "user_id",
  "anonymous_id",
  "session_id",
] as const;

export interface EventsParams extends Scope, Range {
  filters: Partial<Record<(typeof eventFilters)[number], string[] | undefined>>;
  include_bots: boolean;
  limit: number;
  before?: { timestamp: Date; event_id: string } | undefined;
}

/** Raw events, newest first. */
export function events(clickhouse: ClickHouse, params: EventsParams): Promise<EventRow[]> {
  const filters = Object.fromEntries(eventFilters.map((name) => [name, params.filters[name] ?? []]));
  return clickhouse.query(loadSql("events"), {
    ...filters,
    project_id: params.project_id,
    env: params.env,
    from: instant(params.from),
    to: instant(params.to),
    include_bots: params.include_bots,
    before_timestamp: instant(params.before?.timestamp ?? params.to),
    before_event_id: params.before?.event_id ?? "",
    limit: params.limit,
  });
}

/** Which of these event ids count already, as `project_id/event_id`; asked on the writer's connection. */
export async function storedEventIds(
  clickhouse: ClickHouse,
  ids: readonly { project_id: string; event_id: string }[],
): Promise<Set<string>> {
  const stored = new Set<string>();
  for (const chunk of chunksByBytes(ids, (id) => [id.event_id])) {
    const rows = await clickhouse.lookUp<{ project_id: string; event_id: string }>(loadSql("stored-event-ids"), {
      project_ids: [...new Set(chunk.map((id) => id.project_id))],
      event_ids: chunk.map((id) => id.event_id),
    });
    for (const row of rows) stored.add(eventKey(row));
  }
  return stored;
}

export interface EventIdPrefixesParams {
  /** Of ids, which are compared as text. */
  from: string;
  to: string;
  /** Hex digits of a prefix: 8 to 12, the last of which is a millisecond. */
  digits: number;
  limit: number;
}

/** With which hex digits the UUIDv7 of stored events begin, of any project; each once. */
export async function eventIdPrefixes(clickhouse: ClickHouse, params: EventIdPrefixesParams): Promise<string[]> {
  const rows = await clickhouse.query<{ prefix: string }>(loadSql("event-id-prefixes"), { ...params });
  return rows.map(({ prefix }) => prefix);
}

/** One string for (project_id, event_id); a project_id holds no slash. */
export const eventKey = (id: { project_id: string; event_id: string }) => `${id.project_id}/${id.event_id}`;
