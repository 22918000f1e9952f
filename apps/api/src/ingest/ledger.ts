import { randomUUID } from "node:crypto";
import { type ClickHouse, instant } from "@millimetric/clickhouse";

/** What became of events: `accepted` ends as `stored`, `duplicate`, `suppressed` or `dead`; until then they wait in the spool. */
export type Outcome = "received" | "accepted" | "rejected" | "duplicate" | "stored" | "suppressed" | "dead";

/** Whose events, and when they arrived. */
export interface Sender {
  project_id: string;
  env: string;
  key_prefix: string;
  /** Epoch milliseconds. */
  receivedAt: number;
}

export interface Ledger {
  count(sender: Sender, outcome: Outcome, events: number, reason?: string): void;
  /** Writes what was counted until now. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds between two writes; what was counted since the last one is lost when the process is killed. */
const writeEvery = 1_000;
/** Different counters that may wait while ClickHouse does not answer; later ones go uncounted. */
const mostWaiting = 100_000;
const minuteMs = 60_000;

/** The delivery ledger: counters by key and minute, added up in memory and written every second. */
export function createLedger(clickhouse: ClickHouse): Ledger {
  let counters = new Map<string, { row: Record<string, string>; events: number }>();
  // One block at a time, under one token, until it is certain to be written.
  let block: { lines: string[]; token: string } | undefined;
  let writing: Promise<void> | undefined;
  const timer = setInterval(() => {
    if (writing === undefined) void flush().catch(() => {});
  }, writeEvery).unref();

  /** What was counted until now, and no more: counters that come meanwhile make the next block, not many small ones. */
  async function write(): Promise<void> {
    await writeBlock();
    if (counters.size === 0) return;
    block = takeBlock();
    await writeBlock();
  }

  async function writeBlock(): Promise<void> {
    if (block === undefined) return;
    await clickhouse.insert({ table: "receipts_v1", ...block });
    block = undefined;
  }

  function takeBlock() {
    const lines = [...counters.values()].map(({ row, events }) => JSON.stringify({ ...row, events }));
    counters = new Map();
    return { lines, token: randomUUID() };
  }

  function flush(): Promise<void> {
    const turn = (writing ?? Promise.resolve()).then(write, write).finally(() => {
      if (writing === turn) writing = undefined;
    });
    writing = turn;
    return turn;
  }

  return {
    count({ project_id, env, key_prefix, receivedAt }, outcome, events, reason = "") {
      if (events === 0) return;
      const minute = receivedAt - (receivedAt % minuteMs);
      const key = `${project_id} ${env} ${key_prefix} ${minute} ${outcome} ${reason}`;
      const counter = counters.get(key);
      if (counter !== undefined) counter.events += events;
      else if (counters.size < mostWaiting) {
        const row = { project_id, env, key_prefix, minute: instant(new Date(minute)).slice(0, 19), outcome, reason };
        counters.set(key, { row, events });
      }
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush().catch(() => {});
    },
  };
}
