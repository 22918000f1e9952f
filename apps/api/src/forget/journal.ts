import { randomUUID } from "node:crypto";
import { type ClickHouse, instant } from "@millimetric/clickhouse";

/** `accepting`: not acknowledged yet; `void`: never was. */
export type ForgetState = "accepting" | "queued" | "running" | "done" | "failed" | "void";

/** When the anonymous events of a visitor were a person's: keyed hash of the visitor, then epoch milliseconds; null: no bound. */
export type HashedSpan = [visitor: string, from: number | null, to: number | null];

/** One request to forget somebody; what stays is the audit record. Instants are ISO 8601. */
export interface ForgetRecord {
  project_id: string;
  request_id: string;
  subject: "user" | "visitor";
  /** Keyed, hex. */
  subject_hash: string;
  suppress: boolean;
  spans: HashedSpan[];
  /** Public part of the key. */
  requested_by: string;
  requested_at: string;
  state: ForgetState;
  started_at: string | null;
  finished_at: string | null;
  /** Rows by table. */
  found: Record<string, number>;
  removed: Record<string, number>;
  failure: string;
  version: string;
}

type Stored = Omit<ForgetRecord, "spans" | "found" | "removed"> & { spans: string; found: string; removed: string };

const select = `
SELECT
    project_id, request_id, subject, subject_hash, suppress, spans, requested_by, requested_at, state, started_at, finished_at, found,
    removed, failure, version
FROM forgets_v1 FINAL`;

const parsed = (row: Stored): ForgetRecord => ({
  ...row,
  spans: JSON.parse(row.spans) as HashedSpan[],
  found: JSON.parse(row.found) as Record<string, number>,
  removed: JSON.parse(row.removed) as Record<string, number>,
});

const stored = (at: string | null) => (at === null ? null : instant(new Date(at)));

/** Writes a newer version of a record; its clock is the database's. */
export async function saveForget(clickhouse: ClickHouse, record: Omit<ForgetRecord, "version">): Promise<void> {
  const { requested_at, started_at, finished_at, spans, found, removed } = record;
  const row = {
    ...record,
    spans: JSON.stringify(spans),
    found: JSON.stringify(found),
    removed: JSON.stringify(removed),
    requested_at: stored(requested_at),
    started_at: stored(started_at),
    finished_at: stored(finished_at),
    // Absent: the database's own clock.
    version: undefined,
  };
  await clickhouse.insert({ table: "forgets_v1", lines: [JSON.stringify(row)], token: randomUUID() });
}

export async function forgetOf(
  clickhouse: ClickHouse,
  project_id: string,
  request_id: string,
): Promise<ForgetRecord | undefined> {
  const sql = `${select} WHERE project_id = {project_id:String} AND request_id = {request_id:String}`;
  const [row] = await clickhouse.lookUp<Stored>(sql, { project_id, request_id });
  return row === undefined ? undefined : parsed(row);
}

/** Every record, or those with a version after `since` (ISO 8601). */
export async function forgetsSince(clickhouse: ClickHouse, since: string | undefined): Promise<ForgetRecord[]> {
  // A margin, because versions are given before they can be seen.
  const sql = `${select} WHERE version > {since:DateTime64(6, 'UTC')} - toIntervalSecond(10) ORDER BY version`;
  const rows = await clickhouse.lookUp<Stored>(sql, { since: instant(new Date(since ?? 0)) });
  return rows.map(parsed);
}

/** Requests that were never acknowledged, or not yet. */
export async function unacknowledged(clickhouse: ClickHouse): Promise<ForgetRecord[]> {
  return (await clickhouse.lookUp<Stored>(`${select} WHERE state = 'accepting'`)).map(parsed);
}
