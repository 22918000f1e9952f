import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import type { Stitch } from "./scope.ts";
import { bind, type StitchedParams } from "./stitched.ts";

export const sourceBreakdowns = ["source_medium", "source"] as const;

export interface SourcesParams extends StitchedParams {
  stitch: Exclude<Stitch, "all_devices">;
  breakdown: (typeof sourceBreakdowns)[number];
  /** Names of events that count as conversions. */
  conversions: readonly string[];
  limit: number;
  after?: { events: number; source: string; medium: string } | undefined;
}

export interface SourcesRow {
  source: string;
  /** Empty when broken down by source alone. */
  medium: string;
  events: number;
  /** People: a user once over all devices, a visitor nobody knows once. */
  uniques: number;
  /** That began in the range and came from here. */
  sessions: number;
  /** In the range, in sessions that came from here. */
  conversions: number;
  /** Of the events, 0 to 1. */
  paid_share: number;
}

// Larger than any count: the first page starts before the largest source.
const beforeAll = Number.MAX_SAFE_INTEGER;

/** Where events, people, sessions and conversions came from, most events first. */
export function sources(clickhouse: ClickHouse, params: SourcesParams): Promise<SourcesRow[]> {
  return clickhouse.query(loadSql("sources"), {
    ...bind(params),
    breakdown: params.breakdown,
    conversions: [...params.conversions],
    after_events: params.after?.events ?? beforeAll,
    after_source: params.after?.source ?? "",
    after_medium: params.after?.medium ?? "",
    limit: params.limit,
  });
}
