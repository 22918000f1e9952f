import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import { instant, type Range, type Scope } from "./scope.ts";

/** A visitor that was a user. */
export interface LinkId extends Scope {
  anonymous_id: string;
  user_id: string;
}

/** Instants are ISO 8601 in UTC. */
export interface LinkRow {
  first_seen: string;
  last_seen: string;
  withdrawn: boolean;
}

/** One link, withdrawn or not; `undefined` when no event ever made it. Sees every write that has resolved. */
export async function link(
  clickhouse: ClickHouse,
  { project_id, env, anonymous_id, user_id }: LinkId,
): Promise<LinkRow | undefined> {
  const params = { project_id, env, anonymous_id, user_id };
  const [row] = await clickhouse.lookUp<Omit<LinkRow, "withdrawn"> & { withdrawn: number }>(loadSql("link"), params);
  return row === undefined ? undefined : { ...row, withdrawn: Boolean(row.withdrawn) };
}

export interface Withdrawal extends LinkId {
  action: "unlink" | "relink";
  reason: string;
  /** Public part of the key that asks for it. */
  key_prefix: string;
}

/** Withdraws a link or restores it, by an entry in the log; reads answer accordingly from then on. */
export function recordWithdrawal(clickhouse: ClickHouse, withdrawal: Withdrawal): Promise<void> {
  const { project_id, env, anonymous_id, user_id, action, reason, key_prefix } = withdrawal;
  const params = { project_id, env, anonymous_id, user_id, action, reason, key_prefix };
  return clickhouse.command(loadSql("record-withdrawal"), params);
}

/** An entry of the log; `at` in microseconds. */
export interface WithdrawalRow {
  at: string;
  action: "unlink" | "relink";
  anonymous_id: string;
  user_id: string;
  reason: string;
  key_prefix: string;
}

export interface IdentityLogParams extends Scope, Range {
  anonymous_id?: string | undefined;
  user_id?: string | undefined;
  limit: number;
  before?: Pick<WithdrawalRow, "at" | "anonymous_id" | "user_id" | "action"> | undefined;
}

/** What was withdrawn and restored, newest first. */
export function identityLog(clickhouse: ClickHouse, params: IdentityLogParams): Promise<WithdrawalRow[]> {
  const { before } = params;
  return clickhouse.query(loadSql("identity-log"), {
    project_id: params.project_id,
    env: params.env,
    from: instant(params.from),
    to: instant(params.to),
    anonymous_id: params.anonymous_id ?? "",
    user_id: params.user_id ?? "",
    before_at: (before?.at ?? params.to.toISOString()).replace("T", " ").replace("Z", ""),
    before_anonymous_id: before?.anonymous_id ?? "",
    before_user_id: before?.user_id ?? "",
    before_action: before?.action ?? "",
    limit: params.limit,
  });
}

/** A visitor with its users, or a user with its devices. */
export interface SharedRow {
  id: string;
  /** How many. */
  others: number;
  /** The first ten of them. */
  sample: string[];
  first_seen_at: string;
  last_seen_at: string;
}

export interface SharedParams extends Scope, Range {
  of: "devices" | "users";
  /** Fewer are not shown. */
  least: number;
  limit: number;
  after?: { others: number; id: string } | undefined;
}

/** Devices with many users, or users with very many devices; withdrawn links do not count. */
export function shared(clickhouse: ClickHouse, params: SharedParams): Promise<SharedRow[]> {
  return clickhouse.query(loadSql("shared"), {
    of: params.of,
    project_id: params.project_id,
    env: params.env,
    from: instant(params.from),
    to: instant(params.to),
    least: params.least,
    // Larger than any count.
    after_count: params.after?.others ?? Number.MAX_SAFE_INTEGER,
    after_id: params.after?.id ?? "",
    limit: params.limit,
  });
}

export interface IdentitySignals {
  /** Visitors that met at least `users` users. */
  shared_devices: number;
  /** Users that were at least `devices` visitors. */
  users_of_many_devices: number;
}

/** Over all projects. */
export async function identitySignals(
  clickhouse: ClickHouse,
  { users, devices }: { users: number; devices: number },
): Promise<IdentitySignals> {
  const rows = await clickhouse.query<IdentitySignals>(loadSql("identity-signals"), { users, devices });
  return rows[0] ?? { shared_devices: 0, users_of_many_devices: 0 };
}
