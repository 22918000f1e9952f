import type { ClickHouse } from "../clickhouse.ts";
import { askAmong } from "./among-visitors.ts";
import { loadSql } from "./load-sql.ts";
import type { Scope, Stitch } from "./scope.ts";
import { bind, type OfUser, onDevices, type Page, type StitchedParams } from "./stitched.ts";

export interface FirstTouchRow {
  user_id: string;
  first_touch_source: string;
  first_touch_medium: string;
  first_touch_campaign: string;
  first_touch_channel: string;
  first_seen_at: string;
}

export interface FirstTouchGroupRow {
  first_touch_source: string;
  first_touch_medium: string;
  first_touch_campaign: string;
  users: number;
}

/** The view that the queries name, and that every other must agree with (migration 0010). */
const eventByEvent = "first_touches_event_by_event";
const fromProjections: Record<Stitch, string> = {
  time_sliced: "first_touches_in_time",
  first_owner: "first_touches_first_owner",
  all_devices: "first_touches_all_devices",
};

/** Seed 3a: where each user came from, by user_id. */
export async function firstTouch(
  clickhouse: ClickHouse,
  params: StitchedParams & OfUser & Page,
): Promise<FirstTouchRow[]> {
  const page = { ...bind(params), after: params.after ?? "", limit: params.limit };
  if (params.user_id === undefined)
    return clickhouse.query(await fromView(clickhouse, "first-touch", params), { ...page, devices: [] });
  return onDevices(clickhouse, params, (of) =>
    askAmong(clickhouse, "first-touch-of-user", of, { ...page, user_id: of.user_id }),
  );
}

/** Seed 3a, grouped: users by where they came from. */
export async function firstTouchGrouped(
  clickhouse: ClickHouse,
  params: StitchedParams & { limit: number },
): Promise<FirstTouchGroupRow[]> {
  const sql = await fromView(clickhouse, "first-touch-grouped", params);
  return clickhouse.query(sql, { ...bind(params), devices: [], limit: params.limit });
}

/** The query over the quickest view that knows the answer. */
async function fromView(clickhouse: ClickHouse, name: string, params: StitchedParams): Promise<string> {
  const sql = loadSql(name);
  if (await hidesEvents(clickhouse, params)) return sql;
  return sql.replace(eventByEvent, fromProjections[params.stitch]);
}

const hidden = "SELECT count() AS events FROM hidden_events_v1 WHERE project_id = {project_id:String}";

/** Whether somebody's events are being forgotten: projections still hold them. */
async function hidesEvents(clickhouse: ClickHouse, { project_id }: Pick<Scope, "project_id">): Promise<boolean> {
  const [row] = await clickhouse.query<{ events: number }>(hidden, { project_id });
  return row !== undefined && row.events > 0;
}

const sample = `
SELECT user_id, groupUniqArray(anonymous_id) AS devices
FROM links
WHERE project_id = {project_id:String} AND env = {env:String} AND cityHash64(user_id, {salt:String}) % {of:UInt32} = 0
GROUP BY user_id
ORDER BY cityHash64(user_id, {salt:String})
LIMIT {limit:UInt32}`;

export interface SelfCheck {
  /** Users compared. */
  users: number;
  /** Of them, those whose first touch the projections and their events do not tell alike. */
  different: number;
}

/**
 * Compares the projections' first touch of a sample of users with that of their events, read one by one.
 *
 * @param salt Another one draws another sample.
 * @param limit Users in the sample, at most.
 * @param of Look among one in so many users: 1 is all of them.
 */
export async function checkFirstTouches(
  clickhouse: ClickHouse,
  { project_id, env }: Scope,
  { salt, limit, of = 1 }: { salt: string; limit: number; of?: number },
): Promise<SelfCheck> {
  const scope = { project_id, env };
  if (await hidesEvents(clickhouse, scope)) return { users: 0, different: 0 };
  const drawn = await clickhouse.query<{ user_id: string; devices: string[] }>(sample, { ...scope, salt, limit, of });
  if (drawn.length === 0) return { users: 0, different: 0 };
  const users = drawn.map(({ user_id }) => user_id);
  // "": what servers sent of them without a visitor.
  const devices = [...new Set(["", ...drawn.flatMap((user) => user.devices)])];
  const [result] = await clickhouse.query<SelfCheck>(loadSql("first-touch-differences"), { ...scope, users, devices });
  return result ?? { users: 0, different: 0 };
}
