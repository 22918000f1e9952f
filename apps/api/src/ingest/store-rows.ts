import { randomUUID } from "node:crypto";
import { type ClickHouse, eventKey, storedEventIds } from "@millimetric/clickhouse";
import type { Forgotten } from "../forget/forgotten.ts";
import { inTime } from "../in-time.ts";
import type { Claims } from "./claims.ts";
import type { Sender } from "./ledger.ts";
import type { RecentIds } from "./recent-ids.ts";
import { lineOf, rowColumns } from "./row-line.ts";

/** What is needed of a row to count it once. */
export interface StorableRow {
  project_id: string;
  event_id: string;
  sender: Sender;
  /** We made the id just now, so it cannot be stored already. */
  ownId: boolean;
  /** The row as one line of JSON: the values of `rowColumns`. */
  line: string;
}

/** What became of rows: each is one of these. */
export interface Stored {
  stored: StorableRow[];
  /** Their id counted already, or was met before among them. */
  duplicates: StorableRow[];
  /** Of people who were forgotten: not stored. */
  suppressed: StorableRow[];
}

/** What is known of people who were forgotten. */
export type Refusals = Pick<Forgotten, "ready" | "refresh" | "refuses" | "removed">;

/** An insert was tried and did not succeed, or not in time; it may have happened all the same. */
export class UncertainInsert extends Error {
  readonly token: string;
  /** What was tried. */
  readonly rows: readonly StorableRow[];
  readonly duplicates: readonly StorableRow[];
  readonly suppressed: readonly StorableRow[];
  constructor(token: string, { stored, duplicates, suppressed }: Stored, cause: unknown) {
    super("the insert may or may not have happened", { cause });
    this.token = token;
    this.rows = stored;
    this.duplicates = duplicates;
    this.suppressed = suppressed;
  }
}

/** A row that was kept with names, in the spool or as a dead letter. */
export function keptRow(text: string): StorableRow {
  const row = JSON.parse(text) as Record<string, string>;
  const { project_id, id: event_id, env, key_prefix = "", received } = row;
  if (project_id === undefined || event_id === undefined || env === undefined) throw new Error("not a row of events");
  const sender = { project_id, env, key_prefix, receivedAt: Date.parse(`${received}Z`) };
  return { project_id, event_id, sender, ownId: false, line: lineOf(row) };
}

const none = Promise.resolve(new Set<string>());

export interface StoreOptions {
  /** Absent: no other process writes to this database. */
  claims?: Claims | undefined;
  /** Absent: every id is looked up. Never together with claims. */
  recent?: RecentIds | undefined;
  /** Default: a new one. */
  token?: string | undefined;
  /** Whether a row that is found stored is the copy at hand, by an earlier try of it. Default: none is. */
  isOurs?: ((row: StorableRow) => boolean) | undefined;
  /** The insert comes next. */
  onTry?: ((duplicates: readonly StorableRow[]) => void) | undefined;
  /** Default: nobody was forgotten. */
  refusals?: Refusals | undefined;
  /** Milliseconds for each look-up, and again for the insert; what takes longer counts as failed. */
  timeoutMs: number;
}

/**
 * Inserts the rows whose event id is neither stored nor earlier among them, as one block under a token; those of people who were
 * forgotten are left out. Only one call at a time:
 * what is stored is known before the next rows are compared with it.
 * @throws UncertainInsert, or what the look-up threw when nothing was tried
 */
export async function storeRows(
  clickhouse: ClickHouse,
  rows: readonly StorableRow[],
  { claims, recent, token = randomUUID(), isOurs, onTry, refusals, timeoutMs }: StoreOptions,
): Promise<Stored> {
  const fresh = new Map<string, StorableRow>();
  const duplicates: StorableRow[] = [];
  for (const row of rows) {
    const key = eventKey(row);
    if (fresh.has(key)) duplicates.push(row);
    else fresh.set(key, row);
  }
  const asked: StorableRow[] = [];
  const doubtful: StorableRow[] = [];
  for (const row of fresh.values()) {
    const isNew = recent?.meet(row.event_id) ?? false;
    if (row.ownId) continue;
    asked.push(row);
    if (!isNew) doubtful.push(row);
  }
  const before: StorableRow[] = [];
  const claim = asked.length > 0 && claims ? await inTime(timeoutMs, claims.take(asked, token)) : undefined;
  if (asked.length > 0) {
    const known =
      doubtful.length === 0
        ? await none
        : await storedEventIds(clickhouse, doubtful, (lookUp) => inTime(timeoutMs, lookUp));
    const removed = await inTime(timeoutMs, refusals?.removed(asked) ?? none);
    for (const key of [...known, ...removed]) {
      const row = fresh.get(key);
      if (row === undefined) continue;
      fresh.delete(key);
      (isOurs?.(row) ? before : duplicates).push(row);
    }
  }
  const suppressed = [...fresh.values()].filter((row) => refusals?.refuses(row));
  for (const row of suppressed) fresh.delete(eventKey(row));
  const stored = [...fresh.values()];
  onTry?.(duplicates);
  if (claim && performance.now() > claim.sendBy) throw new Error("the claim ran out before the insert was sent");
  try {
    const block = { table: "events_v1", columns: rowColumns, lines: stored.map(({ line }) => line), token };
    await inTime(timeoutMs, clickhouse.insert(block));
  } catch (cause) {
    claims?.uncertain(asked, token);
    throw new UncertainInsert(token, { stored, duplicates, suppressed }, cause);
  }
  claims?.settled(asked);
  return { stored: [...before, ...stored], duplicates, suppressed };
}
