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
  const { group_by, metric } = params;
  const buckets = await bucketsOf(clickhouse, params);
  const name = { count: "stats-counts", uniques: "stats-people", users: "stats-people", sessions: "stats-sessions" }[
    metric
  ];
  // A column that is the same everywhere groups nothing.
  const nothing = "project_id";
  const group = (index: number) => {
    const column = group_by[index] ?? nothing;
    return metric === "sessions" ? (sessionColumns[column] ?? nothing) : column;
  };
  const found = await clickhouse.query<Counted>(loadSql(name), {
    ...Object.fromEntries(statsFilters.map((filter) => [filter, params.filters[filter] ?? []])),
    project_id: params.project_id,
    env: params.env,
    from: instant(params.from),
    to: instant(params.to),
    metric,
    buckets,
    group_1: group(0),
    group_2: group(1),
    group_3: group(2),
    stitch: params.stitch,
    include_bots: params.include_bots,
    with_paths: group_by.includes("path"),
    limit: params.limit,
  });
  const groups = found.map((row) => ({
    groups: row.values.slice(0, group_by.length),
    values: new Map(row.buckets),
  }));
  if (groups.length === 0 && group_by.length === 0) groups.push({ groups: [], values: new Map() });
  return buckets.flatMap((bucket) =>
    groups.map((own) => ({ bucket: isoSeconds(bucket), groups: own.groups, value: own.values.get(bucket) ?? 0 })),
  );
}

interface Counted {
  values: string[];
  /** Epoch seconds of the bucket, and its number. */
  buckets: [bucket: number, value: number][];
}

/** Epoch seconds at which the buckets begin; without an interval there is one, the range. */
async function bucketsOf(
  clickhouse: ClickHouse,
  { project_id, from, to, interval, timezone }: StatsParams,
): Promise<number[]> {
  if (interval === undefined) return [Math.floor(from.getTime() / 1000)];
  const rows = await clickhouse.query<{ bucket: number }>(loadSql("stats-buckets"), {
    project_id,
    from: instant(from),
    to: instant(to),
    interval,
    timezone,
  });
  return rows.map(({ bucket }) => bucket);
}

const isoSeconds = (seconds: number) => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
