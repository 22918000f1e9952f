import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import { bind, type StitchedParams } from "./stitched.ts";

export interface FunnelParams extends StitchedParams {
  /** 1 to 10 names of events, each once. */
  steps: readonly string[];
  /** From the first step to the last, milliseconds. */
  window_ms: number;
}

/** How many people reached each step: did it after the steps before it, in order, within the window of the first. */
export async function funnel(clickhouse: ClickHouse, params: FunnelParams): Promise<number[]> {
  const rows = await clickhouse.query<{ level: number; people: number }>(loadSql("funnel"), {
    ...bind(params),
    steps: [...params.steps],
    window_ms: params.window_ms,
  });
  return params.steps.map((_, index) =>
    rows.filter(({ level }) => level > index).reduce((sum, { people }) => sum + people, 0),
  );
}
