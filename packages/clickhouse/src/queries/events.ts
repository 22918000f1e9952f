import type { ClickHouse } from "../clickhouse.ts";
import { chunksByBytes } from "./chunks.ts";
import { eventKey, idKey, idOrder } from "./event-key.ts";
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

/** Milliseconds before the end of the range, in which a page is looked for first: older partitions are not read then (migration 0001). */
const recently = 31 * 86_400_000;

/** Raw events, newest first. */
export async function events(clickhouse: ClickHouse, params: EventsParams): Promise<EventRow[]> {
  const { limit, before, include_bots, project_id, env } = params;
  const filters = Object.fromEntries(eventFilters.map((name) => [name, params.filters[name] ?? []]));
  const isFiltered = Object.values(filters).some((values) => values.length > 0);
  const to = new Date(Math.min(params.to.getTime(), (before?.timestamp.getTime() ?? Infinity) + 1));
  const bound = {
    ...{ ...filters, project_id, env, include_bots, limit, to: instant(to) },
    before_timestamp: instant(before?.timestamp ?? to),
    ...orderOf(before),
  };

  async function pageSince(from: Date): Promise<EventRow[]> {
    const since = { ...bound, from: instant(from) };
    const [end] = isFiltered ? [] : await clickhouse.query<{ oldest: string }>(loadSql("end-of-page"), since);
    if (end !== undefined) {
      const page = await clickhouse.query<EventRow>(loadSql("events"), {
        ...since,
        from: instant(new Date(end.oldest)),
      });
      // Shorter: another replica answered, or something was removed meanwhile.
      if (page.length === limit) return page;
    }
    return clickhouse.query(loadSql("events"), since);
  }

  const recent = new Date(to.getTime() - recently);
  const page = recent > params.from ? await pageSince(recent) : [];
  return page.length === limit ? page : pageSince(params.from);
}

/** `before` as the rows are ordered. */
function orderOf(before: EventsParams["before"]) {
  const { text, lag, high, low } =
    before === undefined ? { text: "", lag: 0, high: 0, low: 0n } : idOrder(before.event_id, before.timestamp);
  return { before_text: text, before_lag: lag, before_high: high, before_low: String(low) };
}

/**
 * Which of these event ids count already, as `project_id/event_id`; asked on the writer's connection, in as many questions as their length
 * needs. `inTime` may bound the time of each.
 */
export async function storedEventIds(
  clickhouse: ClickHouse,
  ids: readonly { project_id: string; event_id: string }[],
  inTime: <T>(lookUp: Promise<T>) => Promise<T> = (lookUp) => lookUp,
): Promise<Set<string>> {
  const stored = new Set<string>();
  const keys = ids.map(({ project_id, event_id }) => ({ project_id, event_id, ...idKey(event_id) }));
  for (const chunk of chunksByBytes(keys, ({ key }) => [String(key)])) {
    const rows = await inTime(
      clickhouse.lookUp<{ project_id: string; second: number; key: string }>(loadSql("stored-event-ids"), {
        project_ids: [...new Set(chunk.map(({ project_id }) => project_id))],
        seconds: [...new Set(chunk.map(({ second }) => second))],
        keys: chunk.map(({ key }) => key),
      }),
    );
    if (rows.length === 0) continue;
    const asked = Map.groupBy(chunk, ({ second, key }) => `${second} ${key}`);
    for (const { project_id, second, key } of rows)
      for (const { event_id } of asked.get(`${second} ${key}`) ?? []) stored.add(eventKey({ project_id, event_id }));
  }
  return stored;
}

export interface EventIdSecondsParams {
  /** Epoch seconds, `to` exclusive. */
  from: number;
  to: number;
  limit: number;
}

/** The seconds of these times that the ids of stored events may be of, of any project; each once. */
export async function eventIdSeconds(clickhouse: ClickHouse, params: EventIdSecondsParams): Promise<number[]> {
  const rows = await clickhouse.query<{ second: number }>(loadSql("event-id-seconds"), { ...params });
  return rows.map(({ second }) => second);
}
