import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import { instant, type Range, type Scope } from "./scope.ts";

/** An event that was refused although its key was good. Instants are ISO 8601 in UTC. */
export interface DeadLetterRow {
  dead_letter_id: string;
  received_at: string;
  /** The clock of the sender, of the batch. */
  sent_at: string | null;
  key_prefix: string;
  user_agent: string;
  country: string;
  /** Error code. */
  error: string;
  message: string;
  event_id: string;
  /** Its user was beyond doubt when it came. */
  vouched: boolean;
  /** The payload is a row of `events_v1`, not an event of the wire. */
  is_row: boolean;
  /** JSON text; cut off when `too_large`. */
  payload: string;
  too_large: boolean;
  replayed_at: string | null;
}

export interface DeadLettersParams extends Scope, Range {
  ids?: string[] | undefined;
  error?: string[] | undefined;
  include_replayed: boolean;
  limit: number;
  after?: { received_at: Date; dead_letter_id: string } | undefined;
}

/** Dead letters, oldest first; asked where they are written, so that a replay sees the one before. */
export function deadLetters(clickhouse: ClickHouse, params: DeadLettersParams): Promise<DeadLetterRow[]> {
  return clickhouse.lookUp(loadSql("dead-letters"), {
    project_id: params.project_id,
    env: params.env,
    from: instant(params.from),
    to: instant(params.to),
    ids: params.ids ?? [],
    error: params.error ?? [],
    include_replayed: params.include_replayed,
    after_received_at: instant(params.after?.received_at ?? new Date(0)),
    after_id: params.after?.dead_letter_id ?? "",
    limit: params.limit,
  });
}
