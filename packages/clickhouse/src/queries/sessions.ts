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

/** Sessions that began in the range, newest first. */
export function sessions(clickhouse: ClickHouse, params: SessionsParams): Promise<SessionRow[]> {
  const filters = Object.fromEntries(sessionFilters.map((name) => [name, params.filters[name] ?? []]));
  const { anonymous_id, user_id } = params;
  return clickhouse.query<SessionRow>(loadSql("sessions"), {
    ...filters,
    project_id: params.project_id,
    env: params.env,
    stitch: params.stitch,
    include_bots: params.include_bots,
    from: instant(params.from),
    to: instant(params.to),
    user_id: user_id ?? "",
    devices: anonymous_id === undefined ? [] : [anonymous_id],
    before_started_at: instant(params.before?.started_at ?? params.to),
    before_id: params.before?.session_id ?? "",
    limit: params.limit,
  });
}
