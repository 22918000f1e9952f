import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import { instant, type Range, type Scope } from "./scope.ts";

/** What became of the events that arrived with one key in one minute. */
export interface ReceiptRow {
  /** ISO 8601, UTC. */
  minute: string;
  key_prefix: string;
  received: number;
  accepted: number;
  /** By error code. */
  rejected: Record<string, number>;
  stored: number;
  /** Their id counted already. */
  duplicate: number;
  /** Of people who were forgotten: not stored. */
  suppressed: number;
  /** Accepted, and never taken by ClickHouse: among the dead letters. */
  dead: number;
  /** Stored, and removed since: with somebody who was forgotten, or when they were too old to be kept. */
  removed: number;
}

export interface ReceiptsParams extends Scope, Range {
  limit: number;
  after?: { minute: Date; key_prefix: string } | undefined;
}

/** The delivery ledger, oldest minute first. */
export function receipts(clickhouse: ClickHouse, params: ReceiptsParams): Promise<ReceiptRow[]> {
  return clickhouse.query(loadSql("receipts"), {
    project_id: params.project_id,
    env: params.env,
    from: instant(params.from),
    to: instant(params.to),
    after_minute: instant(params.after?.minute ?? new Date(0)),
    after_key: params.after?.key_prefix ?? "",
    limit: params.limit,
  });
}
