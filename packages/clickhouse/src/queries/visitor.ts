import type { ClickHouse } from "../clickhouse.ts";
import { askAmong } from "./among-visitors.ts";
import { hasExceptions } from "./exceptions.ts";
import { loadSql } from "./load-sql.ts";
import type { Scope } from "./scope.ts";
import type { EventRow } from "./stitched.ts";

export interface VisitorParams extends Scope {
  anonymous_id: string;
  limit: number;
}

/** A text that changes whenever an event of one visitor is stored or hidden; far cheaper than what it stands for. */
export async function visitorState(clickhouse: ClickHouse, params: Omit<VisitorParams, "limit">): Promise<string> {
  const { project_id, env, anonymous_id } = params;
  const rows = await clickhouse.query<{ state: string }>(loadSql("visitor-state"), { project_id, env, anonymous_id });
  return rows[0]?.state ?? "";
}

type ShownColumns = "event_id" | "timestamp" | "event_name" | "path" | "session_id" | "user_id";
type SourceColumns = "source" | "medium" | "campaign" | "channel";

/** `owner` is who the event belongs to by the stitch; `user_id` is what the row itself says. */
export type VisitorEventRow = Pick<EventRow, ShownColumns | SourceColumns> & { owner: string | null };

/** What one visitor did, newest first: of this visitor alone, whoever else its users are. */
export function visitorEvents(clickhouse: ClickHouse, params: VisitorParams): Promise<VisitorEventRow[]> {
  return ofVisitor(clickhouse, "visitor-events", params);
}

export interface VisitorOwnerRow {
  /** NULL: nobody yet. */
  owner: string | null;
  events: number;
  events_without_user_id: number;
  first_seen_at: string;
  first_source: string;
  first_medium: string;
  first_campaign: string;
  first_channel: string;
  first_confidence: string;
  first_rule_id: string;
}

/** Whose events one visitor's are, the latest owner first, and where each came from on this visitor alone. */
export function visitorOwners(clickhouse: ClickHouse, params: VisitorParams): Promise<VisitorOwnerRow[]> {
  return ofVisitor(clickhouse, "visitor-owners", params);
}

async function ofVisitor<Row>(
  clickhouse: ClickHouse,
  name: string,
  { project_id, env, anonymous_id, limit }: VisitorParams,
): Promise<Row[]> {
  const visitors = { devices: [anonymous_id], user_ids: [], excepted: await hasExceptions(clickhouse, { project_id }) };
  return askAmong(clickhouse, name, visitors, { project_id, env, stitch: "time_sliced", anonymous_id, limit });
}
