import { randomUUID } from "node:crypto";
import { type ClickHouse, eventKey, storedEventIds } from "@millimetric/clickhouse";
import { ApiError } from "../http/errors.ts";
import type { EventRow } from "./event-row.ts";

/** Rows of one insert. */
const mostRows = 10_000;
/** Rows that may wait; beyond it requests are turned away. */
const mostWaiting = 100_000;

interface Submission {
  rows: readonly EventRow[];
  stored: () => void;
  failed: (error: ApiError) => void;
}

export interface GroupCommit {
  /** Resolves when every row is durable and counted once. @throws ApiError overloaded, upstream_unavailable */
  store(rows: readonly EventRow[]): Promise<void>;
  /** Rows that wait for their insert. */
  waiting(): number;
  /** Stores what waits; nothing may be submitted afterwards. */
  close(): Promise<void>;
}

export type CommitObserver = (commit: { rows: number; duplicates: number; seconds: number }) => void;

/**
 * Requests that come while an insert is under way share the next one, and each is answered when its rows are stored. One
 * insert at a time: what is stored is then known before the next rows are compared with it.
 */
export function createGroupCommit(clickhouse: ClickHouse, onCommit: CommitObserver = () => {}): GroupCommit {
  let queue: Submission[] = [];
  let waiting = 0;
  let closed = false;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    // One turn of the event loop, so that requests read from their sockets together are stored together.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const group = takeGroup();
      try {
        await commit(group.flatMap(({ rows }) => rows));
        for (const { stored } of group) stored();
      } catch (cause) {
        const error = new ApiError("upstream_unavailable", "ClickHouse did not take the events; send them again.", {
          retryAfter: 1,
          cause,
        });
        for (const { failed } of group) failed(error);
      }
    }
    running = undefined;
  }

  function takeGroup(): Submission[] {
    let rows = 0;
    let end = 0;
    do {
      rows += queue[end]?.rows.length ?? 0;
      end++;
    } while (end < queue.length && rows + (queue[end]?.rows.length ?? 0) <= mostRows);
    const group = queue.slice(0, end);
    queue = queue.slice(end);
    waiting -= rows;
    return group;
  }

  async function commit(rows: readonly EventRow[]): Promise<void> {
    const start = performance.now();
    const fresh = await notYetStored(clickhouse, rows);
    await clickhouse.insert({ table: "events_v1", lines: fresh.map(({ line }) => line), token: randomUUID() });
    onCommit({
      rows: fresh.length,
      duplicates: rows.length - fresh.length,
      seconds: (performance.now() - start) / 1000,
    });
  }

  return {
    async store(rows) {
      if (closed || waiting + rows.length > mostWaiting)
        throw new ApiError("overloaded", "Too many events are waiting to be stored.", { retryAfter: 1 });
      if (rows.length === 0) return;
      waiting += rows.length;
      await new Promise<void>((resolve, reject) => {
        queue.push({ rows, stored: resolve, failed: reject });
        running ??= run();
      });
    },
    waiting: () => waiting,
    async close() {
      closed = true;
      await running;
    },
  };
}

/** The rows whose event id is neither stored nor earlier among `rows`. */
async function notYetStored(clickhouse: ClickHouse, rows: readonly EventRow[]): Promise<EventRow[]> {
  const byKey = new Map<string, EventRow>();
  for (const row of rows) {
    const key = eventKey(row);
    if (!byKey.has(key)) byKey.set(key, row);
  }
  const asked = [...byKey.values()].filter(({ ownId }) => !ownId);
  if (asked.length > 0) for (const key of await storedEventIds(clickhouse, asked)) byKey.delete(key);
  return [...byKey.values()];
}
