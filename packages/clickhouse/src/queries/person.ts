import type { ClickHouse } from "../clickhouse.ts";
import type { Scope } from "./scope.ts";

export interface PersonLinkRow {
  anonymous_id: string;
  /** ISO 8601, UTC. */
  first_seen: string;
  last_seen: string;
}

/** The visitors that were a user. */
export function linksOfUser(
  clickhouse: ClickHouse,
  { project_id, env }: Scope,
  user_id: string,
): Promise<PersonLinkRow[]> {
  const sql = `
SELECT anonymous_id, first_seen, last_seen
FROM links
WHERE project_id = {project_id:String} AND env = {env:String} AND user_id = {user_id:String}
ORDER BY first_seen, anonymous_id`;
  return clickhouse.query(sql, { project_id, env, user_id });
}

export interface PersonWithdrawalRow {
  anonymous_id: string;
  at: string;
  action: string;
  reason: string;
  key_prefix: string;
}

/** What was unlinked from a user, and relinked. */
export function withdrawalsOfUser(
  clickhouse: ClickHouse,
  { project_id, env }: Scope,
  user_id: string,
): Promise<PersonWithdrawalRow[]> {
  const sql = `
SELECT anonymous_id, at, action, reason, key_prefix
FROM link_withdrawals_v1
WHERE project_id = {project_id:String} AND env = {env:String} AND user_id = {user_id:String}
    AND user_id NOT IN (SELECT user_id FROM hidden_links_v1 WHERE project_id = {project_id:String})
ORDER BY at, anonymous_id`;
  return clickhouse.query(sql, { project_id, env, user_id });
}
