import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import { instant, type Range, type Scope, type Stitch } from "./scope.ts";

export const attributionModels = [
  "first_touch",
  "last_touch",
  "last_non_direct",
  "linear",
  "position_based",
  "time_decay",
] as const;
export type AttributionModel = (typeof attributionModels)[number];
export const attributionGroups = ["source", "medium", "channel", "campaign"] as const;

export interface AttributionParams extends Scope, Range {
  /** Names of the events that are conversions. */
  events: readonly string[];
  /** At least one; the rows are ordered by the first. */
  models: readonly AttributionModel[];
  /** At least one. */
  group_by: readonly (typeof attributionGroups)[number][];
  /** How long before a conversion a touchpoint counts. */
  lookback_days: number;
  /** Property that holds what a conversion is worth; worth 0 without it. */
  value: string;
  /** Property that ties the events of one order together. */
  order_key?: string | undefined;
  stitch: Stitch;
  include_bots: boolean;
  limit: number;
}

export interface AttributionRow {
  /** One per column of `group_by`. */
  group: string[];
  /** Credit per model, in the order asked for: of 1 for each conversion, and of its value. */
  conversions: number[];
  values: number[];
  /** Of all groups, the same in every row. */
  all_conversions: number;
  all_value: number;
  /** Conversions without a touchpoint in their look-back. */
  all_untouched: number;
}

const day = 24 * 3_600_000;
const halfLifeMs = 7 * day;

/** SPEC 4.3: conversions in the range, credited to what brought their people. */
export function attribution(clickhouse: ClickHouse, params: AttributionParams): Promise<AttributionRow[]> {
  const { from, lookback_days, order_key } = params;
  // The first event of an order may be any time ago.
  const touched_from = new Date(order_key === undefined ? Math.max(0, from.getTime() - lookback_days * day) : 0);
  return clickhouse.query(loadSql("attribution"), {
    project_id: params.project_id,
    env: params.env,
    stitch: params.stitch,
    include_bots: params.include_bots,
    from: instant(from),
    to: instant(params.to),
    touched_from: instant(touched_from),
    events: [...params.events],
    models: [...params.models],
    group_by: [...params.group_by],
    lookback_seconds: lookback_days * 86_400,
    half_life_ms: halfLifeMs,
    value: params.value,
    order_key: order_key ?? "",
    limit: params.limit,
  });
}
