import { setTimeout as wait } from "node:timers/promises";
import type { Spool, SpoolBatch } from "../spool/spool.ts";
import { type Stored, UncertainInsert } from "./store-rows.ts";

/** Milliseconds between tries while ClickHouse does not answer: doubled from the first to the last. */
const backOff = { first: 100, last: 5_000 };

export interface DrainOptions {
  spool: Spool;
  /** Stores a batch; throws when it could not, or not for certain. */
  store(batch: SpoolBatch): Promise<Stored>;
  /** Keeps a row that ClickHouse will never take; once, however often it is called with the same token. */
  setAside(line: string, error: Error, token: string): Promise<void>;
  /** What became of rows that left the spool. */
  onStored?: ((rows: Stored) => void) | undefined;
  /** A row that was set aside left the spool. */
  onDead?: ((line: string) => void) | undefined;
}

/** What became of a part of a batch. */
type Outcome = { stored: Stored } | { dead: string };

export interface Drain {
  /** There is something in the spool. */
  wake(): void;
  /** Ends after the try that is under way; what is in the spool stays there. */
  close(): Promise<void>;
}

// CANNOT_PARSE_*, TYPE_MISMATCH, VALUE_IS_OUT_OF_RANGE and the like: the same rows will be refused again.
const rowIsToBlame = new Set(["6", "26", "27", "38", "41", "53", "72", "117", "131", "321", "349", "441"]);

/** Moves what is in the spool to ClickHouse, oldest first, one batch at a time, for as long as it takes. */
export function createDrain({ spool, store, setAside, onStored, onDead }: DrainOptions): Drain {
  const stop = new AbortController();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    let pause = backOff.first;
    while (!stop.signal.aborted) {
      try {
        const batch = await spool.peek();
        if (batch === undefined) break;
        const outcomes = await storeOrSetAside(batch);
        await spool.drop();
        // Only now: what was stored beside a part that failed is tried again with it, and found stored.
        for (const outcome of outcomes) {
          if ("dead" in outcome) onDead?.(outcome.dead);
          else onStored?.(outcome.stored);
        }
        pause = backOff.first;
      } catch {
        await wait(pause, undefined, { signal: stop.signal }).catch(() => {});
        pause = Math.min(pause * 2, backOff.last);
      }
    }
    running = undefined;
  }

  /** One row that ClickHouse cannot read must not hold up the others: it is found by halving, and set aside. */
  async function storeOrSetAside(batch: SpoolBatch): Promise<Outcome[]> {
    try {
      return [{ stored: await store(batch) }];
    } catch (error) {
      const blame = rowsToBlame(error);
      if (blame === undefined) throw error;
      const [line, ...others] = batch.lines;
      if (line === undefined) return [];
      if (others.length === 0) {
        await setAside(line, blame, batch.token);
        return [{ dead: line }];
      }
      const middle = batch.lines.length >> 1;
      const half = (name: string, from: number, to?: number) =>
        storeOrSetAside({
          ...batch,
          token: `${batch.token}/${name}`,
          lines: batch.lines.slice(from, to),
          duplicates: batch.duplicates?.slice(from, to),
        });
      return [...(await half("1", 0, middle)), ...(await half("2", middle))];
    }
  }

  return {
    wake() {
      if (!stop.signal.aborted) running ??= run();
    },
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** What ClickHouse said, when it was about the rows. */
function rowsToBlame(error: unknown): Error | undefined {
  const cause = error instanceof UncertainInsert ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && rowIsToBlame.has(String(cause.code)) ? cause : undefined;
}
