import { randomUUID } from "node:crypto";
import { type ClickHouse, eventKey, storedEventIds } from "@millimetric/clickhouse";
import { inTime } from "../in-time.ts";
import type { Claims } from "./claims.ts";

/** What is needed of a row to count it once. */
export interface StorableRow {
  project_id: string;
  event_id: string;
  /** We made the id just now, so it cannot be stored already. */
  ownId: boolean;
  /** The row as one line of JSON. */
  line: string;
}

/** An insert was tried and did not succeed, or not in time; it may have happened all the same. */
export class UncertainInsert extends Error {
  readonly token: string;
  readonly lines: readonly string[];
  constructor(token: string, lines: readonly string[], cause: unknown) {
    super("the insert may or may not have happened", { cause });
    this.token = token;
    this.lines = lines;
  }
}

/** A row as the spool keeps it: only its line. */
export function rowOfLine(line: string): StorableRow {
  const { project_id, event_id } = JSON.parse(line) as { project_id: string; event_id: string };
  return { project_id, event_id, ownId: false, line };
}

export interface StoreOptions {
  /** Absent: no other process writes to this database. */
  claims?: Claims | undefined;
  /** Default: a new one. */
  token?: string | undefined;
  /** Milliseconds for the look-up, and again for the insert; what takes longer counts as failed. */
  timeoutMs: number;
}

/**
 * Inserts the rows whose event id is neither stored nor earlier among them, as one block under a token, and answers how many
 * those were. Only one call at a time: what is stored is known before the next rows are compared with it.
 * @throws UncertainInsert, or what the look-up threw when nothing was tried
 */
export async function storeRows(
  clickhouse: ClickHouse,
  rows: readonly StorableRow[],
  { claims, token = randomUUID(), timeoutMs }: StoreOptions,
): Promise<number> {
  const byKey = firstCopies(rows);
  const asked = [...byKey.values()].filter(({ ownId }) => !ownId);
  if (asked.length > 0) {
    const claim = claims && (await inTime(timeoutMs, claims.take(asked)));
    for (const key of await inTime(timeoutMs, storedEventIds(clickhouse, asked))) byKey.delete(key);
    if (claim && performance.now() > claim.sendBy) throw new Error("the claim ran out before the insert was sent");
  }
  const lines = [...byKey.values()].map(({ line }) => line);
  try {
    await inTime(timeoutMs, clickhouse.insert({ table: "events_v1", lines, token }));
  } catch (cause) {
    claims?.uncertain(asked);
    throw new UncertainInsert(token, lines, cause);
  }
  claims?.settled(asked);
  return lines.length;
}

function firstCopies(rows: readonly StorableRow[]): Map<string, StorableRow> {
  const byKey = new Map<string, StorableRow>();
  for (const row of rows) {
    const key = eventKey(row);
    if (!byKey.has(key)) byKey.set(key, row);
  }
  return byKey;
}
