import { setTimeout as wait } from "node:timers/promises";
import type { ClickHouse, Params } from "../clickhouse.ts";
import { localName, shardingKeys } from "../cluster-ddl.ts";
import { topologyOf } from "../topology.ts";
import { loadSql } from "./load-sql.ts";

/** Tables that hold rows of people, and how a work list finds them. What a statement says stays on disk: it names requests, never ids. */
const ofRequest = (columns: string, list: string) => `
(${columns}) IN
(
    SELECT ${columns}
    FROM ${list}
    WHERE project_id IN {project_ids:Array(String)} AND request_id IN {request_ids:Array(String)}
)`;
const personal = {
  events_v1: ofRequest("project_id, anonymous_id, event_id", "hidden_events_v1"),
  dead_letters_v1: ofRequest("project_id, dead_letter_id", "hidden_letters_v1"),
  link_withdrawals_v1: ofRequest("project_id, user_id", "hidden_links_v1"),
} as const;

export type PersonalTable = keyof typeof personal;
export const personalTables = Object.keys(personal) as PersonalTable[];

const workLists = ["hidden_events_v1", "hidden_letters_v1", "hidden_links_v1"] as const;

/** Requests whose people are removed together: a part is rewritten once for all of them. */
export interface Removal {
  project_ids: string[];
  request_ids: string[];
}

/** Rows on the work lists that are in the table still. */
export async function rowsLeft(clickhouse: ClickHouse, table: PersonalTable, removal: Removal): Promise<number> {
  const sql = `SELECT count() AS rows FROM ${table} WHERE project_id IN {project_ids:Array(String)} AND ${personal[table]}`;
  const [row] = await clickhouse.lookUp<{ rows: number }>(sql, { ...removal });
  return row?.rows ?? 0;
}

/**
 * Rewrites the parts that hold rows of the work lists, without them and with their projections; again when a replica that had not seen
 * a work list yet left some. Resolves when no row is left.
 * @throws Error with what ClickHouse says of a change that fails
 */
export async function removeRows(clickhouse: ClickHouse, table: PersonalTable, removal: Removal): Promise<void> {
  const change = `DELETE WHERE project_id IN {project_ids:Array(String)} AND ${personal[table]}`;
  await alterRows(clickhouse, table, change, { ...removal }, () => rowsLeft(clickhouse, table, removal));
}

/** Changes rows until none is `left` to be changed. @throws Error with what ClickHouse says of a change that fails */
export async function alterRows(
  clickhouse: ClickHouse,
  table: string,
  change: string,
  params: Params,
  left: () => Promise<number>,
): Promise<void> {
  const local = await localTable(clickhouse, table);
  while ((await left()) > 0) {
    await clickhouse.command(`ALTER TABLE ${local} ${change}`, params);
    await tableChanged(clickhouse, local);
    // Other servers tell of their changes only by what is left.
    for (let turn = 1; turn <= othersTurns && (await left()) > 0; turn++) await wait(turn * 100);
  }
}

/** Looks at what other servers have left, later and later: a minute in all. */
const othersTurns = 34;

/** The table that holds the rows: over shards there is another one in front of it. */
async function localTable(clickhouse: ClickHouse, table: string): Promise<string> {
  const { kind } = await topologyOf(clickhouse);
  return kind === "cluster" && Object.hasOwn(shardingKeys, table) ? localName(table) : table;
}

/** Resolves when no change of the table is under way. @throws Error */
export async function tableChanged(clickhouse: ClickHouse, table: string, everyMs = 50): Promise<void> {
  const sql = `
SELECT count() AS waiting, max(latest_fail_reason) AS failure
FROM system.mutations
WHERE database = currentDatabase() AND table = {table:String} AND NOT is_done`;
  for (;;) {
    const [state] = await clickhouse.lookUp<{ waiting: number; failure: string }>(sql, { table });
    if (state === undefined || state.waiting === 0) return;
    if (state.failure !== "") throw new Error(`ClickHouse cannot change ${table}: ${state.failure}`);
    await wait(everyMs);
  }
}

/** A partition that no table here has: dropping it changes nothing, and makes the engine delete the files of parts that are over. */
const noPartition = "190001";

/**
 * Resolves when the files of parts that were replaced until now are gone. A server keeps them for `old_parts_lifetime` (8 minutes), the
 * embedded engine deletes them when it is asked.
 */
export async function oldPartsGone(clickhouse: ClickHouse, table: string, everyMs = 200): Promise<void> {
  const local = await localTable(clickhouse, table);
  const sql = `
SELECT name
FROM system.parts
WHERE database = currentDatabase() AND table = {table:String} AND NOT active`;
  const old = async () => (await clickhouse.lookUp<{ name: string }>(sql, { table: local })).map(({ name }) => name);
  let waiting = new Set(await old());
  while (waiting.size > 0) {
    await clickhouse.command(`ALTER TABLE ${local} DROP PARTITION ID '${noPartition}'`);
    const left = new Set(await old());
    waiting = new Set([...waiting].filter((name) => left.has(name)));
    if (waiting.size > 0) await wait(everyMs);
  }
}

/** Ends a work list, without a trace of the ids on it. */
export async function dropWorkList(clickhouse: ClickHouse, request_id: string): Promise<void> {
  for (const list of workLists) {
    await clickhouse.command(`ALTER TABLE ${list} DROP PARTITION {request_id:String}`, { request_id });
    await oldPartsGone(clickhouse, list);
  }
}

/** Rows on the work list of a request, by the table they are to be removed from. */
export async function rowsFound(
  clickhouse: ClickHouse,
  scope: { project_id: string; request_id: string },
): Promise<Record<PersonalTable, number>> {
  const [row] = await clickhouse.lookUp<Record<PersonalTable, number>>(loadSql("rows-found"), scope);
  return row ?? { events_v1: 0, dead_letters_v1: 0, link_withdrawals_v1: 0 };
}
