import { randomUUID } from "node:crypto";
import { type ClickHouse, instant } from "@millimetric/clickhouse";
import type { ErrorCode } from "@millimetric/contracts";

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
  count(sender: Sender, outcome: Outcome, events: number, reason?: ErrorCode): void;
  /** Writes what was counted until now. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds between two writes; what was counted since the last one is lost when the process is killed. */
const writeEvery = 1_000;
/** Different counters that may wait while ClickHouse does not answer; later ones go uncounted. */
const mostWaiting = 100_000;
const minuteMs = 60_000;

/** What became of the events of one key that arrived in one minute. */
interface Account extends Omit<Sender, "receivedAt"> {
  /** Epoch milliseconds. */
  minute: number;
  /** By outcome, or outcome and reason with a space between. */
  events: Map<string, number>;
}

function linesOf({ project_id, env, key_prefix, minute, events }: Account): string[] {
  const sender = { project_id, env, key_prefix, minute: instant(new Date(minute)).slice(0, 19) };
  return [...events].map(([counter, number]) => {
    const [outcome, reason = ""] = counter.split(" ");
    return JSON.stringify({ ...sender, outcome, reason, events: number });
  });
}

/** The delivery ledger: counters by key and minute, added up in memory and written every second. */
export function createLedger(clickhouse: ClickHouse): Ledger {
  let accounts = new Map<string, Account>();
  let counters = 0;
  /** Most events come from the sender of the one before. */
  let latest: Account | undefined;
  // One block at a time, under one token, until it is certain to be written.
  let block: { lines: string[]; token: string } | undefined;
  let writing: Promise<void> | undefined;
  const timer = setInterval(() => {
    if (writing === undefined) void flush().catch(() => {});
  }, writeEvery).unref();

  /** What was counted until now, and no more: counters that come meanwhile make the next block, not many small ones. */
  async function write(): Promise<void> {
    await writeBlock();
    if (counters === 0) return;
    block = takeBlock();
    await writeBlock();
  }

  async function writeBlock(): Promise<void> {
    if (block === undefined) return;
    await clickhouse.insert({ table: "receipts_v1", ...block });
    block = undefined;
  }

  function takeBlock() {
    const lines = [...accounts.values()].flatMap(linesOf);
    accounts = new Map();
    counters = 0;
    latest = undefined;
    return { lines, token: randomUUID() };
  }

  function accountOf({ project_id, env, key_prefix, receivedAt }: Sender): Account | undefined {
    const minute = receivedAt - (receivedAt % minuteMs);
    if (
      latest?.key_prefix === key_prefix &&
      latest.minute === minute &&
      latest.project_id === project_id &&
      latest.env === env
    )
      return latest;
    const name = `${project_id} ${env} ${key_prefix} ${minute}`;
    latest = accounts.get(name);
    if (latest !== undefined || counters >= mostWaiting) return latest;
    latest = { project_id, env, key_prefix, minute, events: new Map() };
    accounts.set(name, latest);
    return latest;
  }

  function flush(): Promise<void> {
    const turn = (writing ?? Promise.resolve()).then(write, write).finally(() => {
      if (writing === turn) writing = undefined;
    });
    writing = turn;
    return turn;
  }

  return {
    count(sender, outcome, events, reason) {
      if (events === 0) return;
      const account = accountOf(sender);
      if (account === undefined) return;
      const counter = reason === undefined ? outcome : `${outcome} ${reason}`;
      const before = account.events.get(counter);
      if (before === undefined && ++counters > mostWaiting) return;
      account.events.set(counter, (before ?? 0) + events);
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush().catch(() => {});
    },
  };
}
