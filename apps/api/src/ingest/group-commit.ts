import type { ClickHouse } from "@millimetric/clickhouse";
import { ApiError } from "../http/errors.ts";
import { inTime } from "../in-time.ts";
import { type Spool, SpoolError } from "../spool/spool.ts";
import { createClaims } from "./claims.ts";
import { createDrain } from "./drain.ts";
import { createRecentIds } from "./recent-ids.ts";
import { withNames } from "./row-line.ts";
import {
  keptRow,
  type Refusals,
  type StorableRow,
  type Stored,
  type StoreOptions,
  storeRows,
  UncertainInsert,
} from "./store-rows.ts";

/** Of one insert. */
const largestGroup = { rows: 10_000, characters: 16_000_000 };
/** What may wait for its insert; beyond it requests are turned away. */
const mostWaiting = { rows: 30_000, characters: 32_000_000 };

interface Submission {
  /** When it came, epoch milliseconds. */
  at: number;
  rows: readonly StorableRow[];
  /** Of its lines. */
  characters: number;
  stored: () => void;
  failed: (error: ApiError) => void;
}

export interface GroupCommit {
  /** Resolves when every row is durable, in ClickHouse or in the spool, and will count once. @throws ApiError overloaded */
  store(rows: readonly StorableRow[]): Promise<void>;
  /** Rows that wait for their insert. */
  waiting(): number;
  /** Whether so much waits that a new request is better turned away before its body is read. */
  busy(): boolean;
  /** Resolves when all rows submitted before are durable. @throws ApiError overloaded */
  settled(): Promise<void>;
  /** Makes durable what waits; nothing may be submitted afterwards. What is in the spool stays there. */
  close(): Promise<void>;
}

export interface GroupCommitOptions {
  clickhouse: ClickHouse;
  spool: Spool;
  /** Keeps a row that ClickHouse will never take; once, however often it is called with the same token. */
  setAside(line: string, error: Error, token: string): Promise<void>;
  /** Default: nobody was forgotten. */
  refusals?: Refusals;
  /** Milliseconds after which an insert counts as failed, and the spool takes over. */
  insertTimeoutMs: number;
  /** What became of rows, each told once. */
  onStored?(rows: Stored): void;
  /** A row was set aside, told once. */
  onDead?(line: string): void;
  /** Seconds that a commit took, and since the first of its rows arrived. */
  onCommit?(seconds: number, lagSeconds: number): void;
  onSpooled?(rows: number): void;
  /** ClickHouse did not take rows, and why. */
  onTrouble?(error: unknown): void;
}

/**
 * Requests that come while an insert is under way share the next one, and each is answered when its rows are durable. One
 * insert at a time. When ClickHouse does not take a group, the spool does; from then on everything goes through the spool, in
 * order, until it is empty.
 */
export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { clickhouse, spool, setAside, refusals, insertTimeoutMs, onStored, onDead, onCommit, onSpooled, onTrouble } =
    options;
  let queue: Submission[] = [];
  const waiting = { rows: 0, characters: 0 };
  let closed = false;
  const claims = clickhouse.exclusive ? undefined : createClaims(clickhouse);
  const recent = clickhouse.exclusive ? createRecentIds(clickhouse) : undefined;
  let running: Promise<void> | undefined;

  const drain = createDrain({
    spool,
    async store({ lines, token, duplicates, at }) {
      // Others may have forgotten somebody while the rows waited here.
      if (!clickhouse.exclusive) await refusals?.refresh();
      const rows = lines.map(keptRow);
      if (duplicates === undefined)
        return insert(rows, at, {
          token,
          onTry(found) {
            const those = new Set(found);
            spool.trying(rows.map((row) => those.has(row)));
          },
        });
      const ours = new Set(rows.filter((_, index) => !duplicates[index]));
      return insert(rows, at, { token, isOurs: (row) => ours.has(row) });
    },
    setAside,
    onStored,
    onDead,
  });
  if (spool.stats().rows > 0) drain.wake();

  async function run(): Promise<void> {
    // One turn of the event loop, so that requests read from their sockets together are stored together.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const group = takeGroup();
      try {
        await makeDurable(group);
        for (const { stored } of group) stored();
      } catch (cause) {
        const error = new ApiError("overloaded", turnedAway(cause), { retryAfter: 5, cause });
        for (const { failed } of group) failed(error);
      }
    }
    running = undefined;
  }

  /** The oldest submissions, at least one, within the bounds of an insert. */
  function takeGroup(): Submission[] {
    let rows = 0;
    let characters = 0;
    const end = queue.findIndex((submission, index) => {
      rows += submission.rows.length;
      characters += submission.characters;
      return index > 0 && (rows > largestGroup.rows || characters > largestGroup.characters);
    });
    const group = end < 0 ? queue : queue.slice(0, end);
    queue = end < 0 ? [] : queue.slice(end);
    for (const submission of group) {
      waiting.rows -= submission.rows.length;
      waiting.characters -= submission.characters;
    }
    return group;
  }

  async function makeDurable(group: readonly Submission[]): Promise<void> {
    const rows = group.flatMap((submission) => submission.rows);
    if (rows.length === 0) return;
    const at = group[0]?.at ?? Date.now();
    if (spool.stats().rows > 0) return spoolOthers(rows, at);
    try {
      const became = await insert(rows, at);
      onStored?.(became);
    } catch (error) {
      if (!(error instanceof UncertainInsert)) return spoolOthers(rows, at);
      await spoolRows({ at, token: error.token, lines: error.rows.map(({ line }) => withNames(line)) });
      onStored?.({ stored: [], duplicates: [...error.duplicates], suppressed: [...error.suppressed] });
    }
  }

  /** Rows of people who were forgotten do not touch the disk. */
  async function spoolOthers(rows: readonly StorableRow[], at: number): Promise<void> {
    const { suppressed = [], others = [] } = Object.groupBy(rows, (row) =>
      refusals?.refuses(row) ? "suppressed" : "others",
    );
    if (others.length > 0) await spoolRows({ at, token: null, lines: others.map(({ line }) => withNames(line)) });
    if (suppressed.length > 0) onStored?.({ stored: [], duplicates: [], suppressed });
  }

  async function insert(
    rows: readonly StorableRow[],
    at: number,
    attempt?: Pick<StoreOptions, "token" | "isOurs" | "onTry">,
  ): Promise<Stored> {
    const start = performance.now();
    try {
      const timeoutMs = insertTimeoutMs;
      await inTime(timeoutMs, refusals?.ready() ?? Promise.resolve());
      const stored = await storeRows(clickhouse, rows, { claims, recent, refusals, timeoutMs, ...attempt });
      onCommit?.((performance.now() - start) / 1000, (Date.now() - at) / 1000);
      return stored;
    } catch (error) {
      onTrouble?.(error instanceof UncertainInsert ? error.cause : error);
      throw error;
    }
  }

  async function spoolRows(record: { at: number; token: string | null; lines: readonly string[] }): Promise<void> {
    await spool.append(record);
    onSpooled?.(record.lines.length);
    drain.wake();
  }

  function submit(rows: readonly StorableRow[], characters: number): Promise<void> {
    return new Promise((resolve, reject) => {
      queue.push({ at: Date.now(), rows, characters, stored: resolve, failed: reject });
      running ??= run();
    });
  }

  return {
    store(rows) {
      if (rows.length === 0) return Promise.resolve();
      const characters = rows.reduce((sum, { line }) => sum + line.length, 0);
      const tooMany =
        waiting.rows + rows.length > mostWaiting.rows || waiting.characters + characters > mostWaiting.characters;
      if (closed || tooMany)
        return Promise.reject(
          new ApiError("overloaded", "Too many events are waiting to be stored.", { retryAfter: 1 }),
        );
      waiting.rows += rows.length;
      waiting.characters += characters;
      return submit(rows, characters);
    },
    settled: () => submit([], 0),
    waiting: () => waiting.rows,
    busy: () => waiting.rows > mostWaiting.rows / 2 || waiting.characters > mostWaiting.characters / 2,
    async close() {
      closed = true;
      await running;
      await drain.close();
      await spool.close();
    },
  };
}

function turnedAway(cause: unknown): string {
  if (!(cause instanceof SpoolError)) return "The events could not be kept; send them again.";
  return cause.code === "full"
    ? "ClickHouse does not answer, and the spool is full; send the events again later."
    : "ClickHouse does not answer, and the spool's disk takes nothing; send the events again later.";
}
