import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import { instant, type Range, type Scope, type Stitch } from "./scope.ts";

/** Of a session's entry: its first event that is not `internal`. */
export const sessionFilters = ["source", "medium", "channel", "campaign"] as const;

export interface SessionsParams extends Scope, Range {
  /** Whose the session is when none of its events says; every owner at once (`all_devices`) would count it twice. */
  stitch: Exclude<Stitch, "all_devices">;
  include_bots: boolean;
  filters: Partial<Record<(typeof sessionFilters)[number], string[] | undefined>>;
  anonymous_id?: string | undefined;
  user_id?: string | undefined;
  limit: number;
  before?: { started_at: Date; session_id: string } | undefined;
}

/** Instants are ISO 8601 in UTC. */
export interface SessionRow {
  session_id: string;
  anonymous_id: string;
  user_id: string | null;
  started_at: string;
  ended_at: string;
  duration_s: number;
  events: number;
  pageviews: number;
  source: string;
  medium: string;
  campaign: string;
  channel: string;
  entry_path: string;
  exit_path: string;
  is_bounce: boolean;
}

interface FoundRow
  extends Pick<
    SessionRow,
    "anonymous_id" | "started_at" | "ended_at" | "duration_s" | "events" | "pageviews" | "entry_path" | "exit_path"
  > {
  id: string;
  last_owner: string | null;
  entry_source: string;
  entry_medium: string;
  entry_campaign: string;
  entry_channel: string;
  is_bounce: number | boolean;
}

/** Sessions that began in the range, newest first. */
export async function sessions(clickhouse: ClickHouse, params: SessionsParams): Promise<SessionRow[]> {
  const filters = Object.fromEntries(sessionFilters.map((name) => [name, params.filters[name] ?? []]));
  const { anonymous_id, user_id } = params;
  const rows = await clickhouse.query<FoundRow>(loadSql("sessions"), {
    ...filters,
    project_id: params.project_id,
    env: params.env,
    stitch: params.stitch,
    include_bots: params.include_bots,
    from: instant(params.from),
    to: instant(params.to),
    anonymous_id: anonymous_id ?? "",
    user_id: user_id ?? "",
    devices: anonymous_id === undefined ? [] : [anonymous_id],
    before_started_at: instant(params.before?.started_at ?? params.to),
    before_id: params.before?.session_id ?? "",
    limit: params.limit,
  });
  return rows.map((row) => ({
    session_id: row.id,
    anonymous_id: row.anonymous_id,
    user_id: row.last_owner,
    started_at: row.started_at,
    ended_at: row.ended_at,
    duration_s: Number(row.duration_s),
    events: row.events,
    pageviews: row.pageviews,
    source: row.entry_source,
    medium: row.entry_medium,
    campaign: row.entry_campaign,
    channel: row.entry_channel,
    entry_path: row.entry_path,
    exit_path: row.exit_path,
    is_bounce: Boolean(row.is_bounce),
  }));
}
