import { randomUUID } from "node:crypto";
import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import { instant, type Scope } from "./scope.ts";

/** Whose work list: every statement is bound to a project and a request. */
export interface ForgetScope {
  project_id: string;
  request_id: string;
}

const environments = ["live", "test"] as const;

/**
 * Puts exactly the events that the stitch gives to a user on the work list, then the user's links. From then on no read shows
 * them. Not atomic: what was begun and not acknowledged is undone with `dropWorkList`.
 */
export async function hideUser(clickhouse: ClickHouse, scope: ForgetScope, user_id: string): Promise<void> {
  for (const env of environments) {
    const devices = await allDevices(clickhouse, { project_id: scope.project_id, env }, user_id);
    if (devices.length > 0)
      await clickhouse.command(loadSql("hide-events-of-user"), { ...scope, env, user_id, devices });
  }
  await clickhouse.command(loadSql("hide-links"), { ...scope, user_id });
  await addRows(clickhouse, "hidden_links_v1", [{ ...scope, env: "", anonymous_id: "", user_id }]);
}

/** Puts the events of a visitor that belong to no user on the work list; the row without an event tells whom to look for. */
export async function hideVisitor(clickhouse: ClickHouse, scope: ForgetScope, anonymous_id: string): Promise<void> {
  for (const env of environments)
    await clickhouse.command(loadSql("hide-events-of-visitor"), { ...scope, env, anonymous_id });
  await addRows(clickhouse, "hidden_events_v1", [{ ...scope, anonymous_id, event_id: "" }]);
}

/** The visitors of a user, of one who is hidden already, too. */
async function allDevices(clickhouse: ClickHouse, { project_id, env }: Scope, user_id: string): Promise<string[]> {
  const sql = `
SELECT linked_id AS anonymous_id
FROM events_v1
WHERE project_id = {project_id:String} AND env = {env:String} AND user_id = {user_id:String}
GROUP BY project_id, env, user_id, linked_id
ORDER BY linked_id`;
  const rows = await clickhouse.lookUp<{ anonymous_id: string }>(sql, { project_id, env, user_id });
  return rows.map((row) => row.anonymous_id);
}

/** When events without a user on this visitor were one user's: `from` exclusive, `to` inclusive, epoch milliseconds. */
export interface Span {
  anonymous_id: string;
  from: number | null;
  to: number | null;
}

interface LinkRun {
  anonymous_id: string;
  until: number;
  mine: boolean;
  after_mine: boolean;
  is_last: boolean;
}

/** The spans of a user on all visitors that they were; asked before their links are hidden. */
export async function spansOfUser(clickhouse: ClickHouse, project_id: string, user_id: string): Promise<Span[]> {
  const spans: Span[] = [];
  for (const env of environments) {
    const devices = await allDevices(clickhouse, { project_id, env }, user_id);
    if (devices.length === 0) continue;
    const params = { project_id, env, user_id, devices };
    spans.push(...spansOf(await clickhouse.lookUp<LinkRun>(loadSql("link-runs"), params)));
  }
  return spans;
}

function spansOf(runs: readonly LinkRun[]): Span[] {
  const spans: Span[] = [];
  let from: number | null = null;
  for (const { anonymous_id, until, mine, after_mine, is_last } of runs) {
    if (mine) spans.push({ anonymous_id, from, to: is_last && after_mine ? null : until });
    else if (is_last && after_mine) spans.push({ anonymous_id, from: until, to: null });
    from = is_last ? null : until;
  }
  return spans;
}

/** Whether a visitor of this project was ever a user, as far as links count. */
export async function isLinked(clickhouse: ClickHouse, project_id: string, anonymous_id: string): Promise<boolean> {
  const sql = `
SELECT 1 FROM links
WHERE project_id = {project_id:String} AND env IN ('live', 'test') AND anonymous_id = {anonymous_id:String} LIMIT 1`;
  return (await clickhouse.lookUp(sql, { project_id, anonymous_id })).length > 0;
}

/** The ids behind a request, for as long as its work list exists. */
export async function peopleOf(
  clickhouse: ClickHouse,
  { project_id, request_id }: ForgetScope,
): Promise<{ user_id: string; devices: string[] }> {
  const params = { project_id, request_id };
  const of = "WHERE project_id = {project_id:String} AND request_id = {request_id:String}";
  const [user] = await clickhouse.lookUp<{ user_id: string }>(
    `SELECT any(user_id) AS user_id FROM hidden_links_v1 ${of}`,
    params,
  );
  const user_id = user?.user_id ?? "";
  const devices = await clickhouse.lookUp<{ anonymous_id: string }>(
    user_id === ""
      ? `SELECT DISTINCT anonymous_id FROM hidden_events_v1 ${of} AND anonymous_id != ''`
      : `SELECT DISTINCT anonymous_id FROM hidden_links_v1 ${of} AND anonymous_id != ''`,
    params,
  );
  return { user_id, devices: devices.map((row) => row.anonymous_id) };
}

/** Adds what a process stored of a user since, of what it had received before `requestedAt`; with `suppress` all of it. */
export async function hideLateEventsOfUser(
  clickhouse: ClickHouse,
  scope: ForgetScope,
  { user_id, requestedAt, suppress }: { user_id: string; requestedAt: Date; suppress: boolean },
): Promise<void> {
  const devices = new Set<string>();
  for (const env of environments)
    for (const device of await allDevices(clickhouse, { project_id: scope.project_id, env }, user_id))
      devices.add(device);
  if (devices.size === 0) return;
  const params = { ...scope, user_id, requested_at: instant(requestedAt), suppress, devices: [...devices] };
  await clickhouse.command(loadSql("hide-late-events"), params);
  await clickhouse.command(loadSql("hide-links"), { ...scope, user_id });
}

export interface LateEvent {
  anonymous_id: string;
  event_id: string;
  timestamp: string;
}

/** Anonymous events on the visitors of a work list, not on it, received between `since` and `requestedAt`. */
export function lateAnonymousEvents(
  clickhouse: ClickHouse,
  scope: ForgetScope,
  { requestedAt, since }: { requestedAt: Date; since: Date },
): Promise<LateEvent[]> {
  const params = { ...scope, requested_at: instant(requestedAt), since: instant(since) };
  return clickhouse.lookUp(loadSql("late-anonymous-events"), params);
}

export interface LetterOfPerson {
  dead_letter_id: string;
  /** Epoch milliseconds of its arrival. */
  at: number;
  visitor: string;
  /** It names the user; otherwise it came from one of the visitors, without a user. */
  names_user: boolean;
}

/** Dead letters that may be a person's and are not on the work list. `user_id`: `""` for a visitor whom nobody knows. */
export function lettersOfPerson(
  clickhouse: ClickHouse,
  scope: ForgetScope,
  { user_id, devices }: { user_id: string; devices: string[] },
): Promise<LetterOfPerson[]> {
  const params = { ...scope, user_id, quoted_user_id: JSON.stringify(user_id), devices };
  return clickhouse.lookUp(loadSql("letters-of-person"), params);
}

export const hideEvents = (clickhouse: ClickHouse, scope: ForgetScope, events: readonly LateEvent[]) =>
  addRows(
    clickhouse,
    "hidden_events_v1",
    events.map(({ anonymous_id, event_id }) => ({ ...scope, anonymous_id, event_id })),
  );

export const hideLetters = (clickhouse: ClickHouse, scope: ForgetScope, letters: readonly LetterOfPerson[]) =>
  addRows(
    clickhouse,
    "hidden_letters_v1",
    letters.map(({ dead_letter_id }) => ({ ...scope, dead_letter_id })),
  );

async function addRows(clickhouse: ClickHouse, table: string, rows: readonly object[]): Promise<void> {
  const lines = rows.map((row) => JSON.stringify(row));
  if (lines.length > 0) await clickhouse.insert({ table, lines, token: randomUUID() });
}

/** A page of the event ids on a work list, in order. */
export async function hiddenEventIds(
  clickhouse: ClickHouse,
  scope: ForgetScope,
  { after, limit }: { after: { anonymous_id: string; event_id: string }; limit: number },
): Promise<{ anonymous_id: string; event_id: string }[]> {
  const sql = `
SELECT anonymous_id, event_id
FROM hidden_events_v1
WHERE project_id = {project_id:String} AND request_id = {request_id:String} AND event_id != ''
    AND (anonymous_id, event_id) > ({after_visitor:String}, {after_event:String})
ORDER BY anonymous_id, event_id
LIMIT {limit:UInt32}`;
  const params = { ...scope, after_visitor: after.anonymous_id, after_event: after.event_id, limit };
  return clickhouse.lookUp(sql, params);
}

/** Remembers ids of events that are removed. `hashes`: 16 bytes each, hex. */
export async function rememberRemovedIds(
  clickhouse: ClickHouse,
  project_id: string,
  hashes: readonly string[],
): Promise<void> {
  if (hashes.length === 0) return;
  const sql = `
INSERT INTO forgotten_ids_v1 (project_id, hash)
SELECT {project_id:String}, toFixedString(unhex(arrayJoin({hashes:Array(String)})), 16)`;
  await clickhouse.command(sql, { project_id, hashes: [...hashes] });
}

/** Which of these hashes were remembered, as `project_id/hash`. */
export async function removedIds(
  clickhouse: ClickHouse,
  asked: readonly { project_id: string; hash: string }[],
): Promise<Set<string>> {
  if (asked.length === 0) return new Set();
  const rows = await clickhouse.lookUp<{ project_id: string; removed: string }>(loadSql("forgotten-ids"), {
    project_ids: [...new Set(asked.map(({ project_id }) => project_id))],
    hashes: asked.map(({ hash }) => hash),
  });
  return new Set(rows.map(({ project_id, removed }) => `${project_id}/${removed}`));
}

/** Counts what is about to be removed in the delivery ledger, once for each `reason`. */
export async function countRemoved(clickhouse: ClickHouse, scope: ForgetScope, reason: string): Promise<void> {
  await clickhouse.command(loadSql("count-removed"), { ...scope, reason });
}
