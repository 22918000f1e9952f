import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { rename, rm, writeFile } from "node:fs/promises";
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

/** Rows of `receipts_v1`, under one token until it is certain that they are written. */
interface Block {
  lines: string[];
  token: string;
}

export interface Ledger {
  count(sender: Sender, outcome: Outcome, events: number, reason?: ErrorCode): void;
  /** Writes what was counted until now. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Milliseconds between two writes; what was counted since the last one, to ClickHouse or the file, is lost when the process is killed. */
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

/**
 * The delivery ledger: counters by key and minute, added up in memory and written every second. What ClickHouse does not take is kept in
 * `file`, for the next process; without one it is lost with this process.
 */
export function createLedger(clickhouse: ClickHouse, file?: string): Ledger {
  let accounts = new Map<string, Account>();
  let counters = 0;
  /** Most events come from the sender of the one before. */
  let latest: Account | undefined;
  /** What an earlier process left, and at most one of this. */
  const blocks = file === undefined ? [] : readBlocks(file);
  /** Of the block that what is counted now will be: the next process must not count twice what this one wrote after all. */
  let nextToken: string = randomUUID();
  let isKept = blocks.length > 0;
  let writing: Promise<void> | undefined;
  const timer = setInterval(() => {
    if (writing === undefined) void flush().catch(() => {});
  }, writeEvery).unref();

  /** What was counted until now, and no more: counters that come meanwhile make the next block, not many small ones. */
  async function write(): Promise<void> {
    try {
      await writeBlocks();
      if (counters > 0) {
        blocks.push(takeBlock());
        await writeBlocks();
      }
    } catch (error) {
      await keep();
      throw error;
    }
    if (isKept && file !== undefined) await rm(file, { force: true });
    isKept = false;
  }

  async function writeBlocks(): Promise<void> {
    for (let block = blocks[0]; block !== undefined; block = blocks[0]) {
      await clickhouse.insert({ table: "receipts_v1", ...block });
      blocks.shift();
    }
  }

  async function keep(): Promise<void> {
    if (file === undefined) return;
    const counted = { lines: [...accounts.values()].flatMap(linesOf), token: nextToken };
    try {
      await writeFile(`${file}.next`, JSON.stringify([...blocks, counted]), { mode: 0o600 });
      await rename(`${file}.next`, file);
      isKept = true;
    } catch {
      // A full disk costs counters, and no event: the room is the spool's.
      await rm(`${file}.next`, { force: true }).catch(() => {});
    }
  }

  function takeBlock(): Block {
    const block = { lines: [...accounts.values()].flatMap(linesOf), token: nextToken };
    nextToken = randomUUID();
    accounts = new Map();
    counters = 0;
    latest = undefined;
    return block;
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

/** Those of an earlier process; a file that cannot be read costs counters, and no start. */
function readBlocks(file: string): Block[] {
  try {
    const blocks: Block[] = JSON.parse(readFileSync(file, "utf8"));
    return blocks.filter(({ lines }) => lines.length > 0);
  } catch {
    return [];
  }
}
