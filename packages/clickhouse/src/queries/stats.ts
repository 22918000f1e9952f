import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import { instant, type Range, type Scope, type Stitch } from "./scope.ts";

export const statsMetrics = ["count", "uniques", "users", "sessions"] as const;
export const statsIntervals = ["hour", "day", "week", "month"] as const;
export const statsGroups = [
  "event_name",
  "source",
  "medium",
  "channel",
  "campaign",
  "country",
  "device_type",
  "browser",
  "os",
  "path",
] as const;
export const statsFilters = ["event", "source", "medium", "channel", "campaign", "country"] as const;
/** What sessions can be grouped by, and its column: that of their entry. */
const sessionColumns: Record<string, string> = {
  source: "source",
  medium: "medium",
  channel: "channel",
  campaign: "campaign",
  path: "entry_path",
};

/** Whether sessions have this column; an event's name or country is not theirs. */
export const groupsSessions = (group: string) => group in sessionColumns;

/** Columns that can be grouped by at once. */
export const mostStatsGroups = 3;

export interface StatsParams extends Scope, Range {
  metric: (typeof statsMetrics)[number];
  interval?: (typeof statsIntervals)[number] | undefined;
  /** IANA name. */
  timezone: string;
  group_by: readonly (typeof statsGroups)[number][];
  filters: Partial<Record<(typeof statsFilters)[number], string[] | undefined>>;
  stitch: Exclude<Stitch, "all_devices">;
  include_bots: boolean;
  /** Groups, the largest first. */
  limit: number;
}

export interface StatsRow {
  /** Start of the bucket, ISO 8601 in UTC. */
  bucket: string;
  /** One per column of `group_by`. */
  groups: string[];
  value: number;
}

/** One number per bucket and group, zero-filled. */
export async function stats(clickhouse: ClickHouse, params: StatsParams): Promise<StatsRow[]> {
  const { group_by } = params;
  // A column that is the same everywhere groups nothing.
  const nothing = "project_id";
  const group = (index: number) => group_by[index] ?? nothing;
  const sessionGroup = (index: number) => sessionColumns[group(index)] ?? nothing;
  const rows = await clickhouse.query<{ bucket: string; values: string[]; value: number }>(loadSql("stats"), {
    ...Object.fromEntries(statsFilters.map((name) => [name, params.filters[name] ?? []])),
    project_id: params.project_id,
    env: params.env,
    from: instant(params.from),
    to: instant(params.to),
    metric: params.metric,
    interval: params.interval ?? "",
    timezone: params.timezone,
    group_1: group(0),
    group_2: group(1),
    group_3: group(2),
    session_group_1: sessionGroup(0),
    session_group_2: sessionGroup(1),
    session_group_3: sessionGroup(2),
    grouped: group_by.length > 0,
    stitch: params.stitch,
    include_bots: params.include_bots,
    limit: params.limit,
  });
  return rows.map(({ bucket, values, value }) => ({ bucket, groups: values.slice(0, group_by.length), value }));
}
