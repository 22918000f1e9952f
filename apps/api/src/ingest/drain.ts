import { setTimeout as wait } from "node:timers/promises";
import type { Spool, SpoolBatch } from "../spool/spool.ts";
import { UncertainInsert } from "./store-rows.ts";

/** Milliseconds between tries while ClickHouse does not answer: doubled from the first to the last. */
const backOff = { first: 100, last: 5_000 };

export interface DrainOptions {
  spool: Spool;
  /** Stores a batch; throws when it could not, or not for certain. */
  store(batch: SpoolBatch): Promise<void>;
  /** Keeps a row that ClickHouse will never take. */
  setAside(line: string, error: Error): Promise<void>;
}

export interface Drain {
  /** There is something in the spool. */
  wake(): void;
  /** Ends after the try that is under way; what is in the spool stays there. */
  close(): Promise<void>;
}

// CANNOT_PARSE_*, TYPE_MISMATCH, VALUE_IS_OUT_OF_RANGE and the like: the same rows will be refused again.
const rowIsToBlame = new Set(["6", "26", "27", "38", "41", "53", "72", "117", "131", "321", "349", "441"]);

/** Moves what is in the spool to ClickHouse, oldest first, one batch at a time, for as long as it takes. */
export function createDrain({ spool, store, setAside }: DrainOptions): Drain {
  const stop = new AbortController();
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    let pause = backOff.first;
    while (!stop.signal.aborted) {
      try {
        const batch = await spool.peek();
        if (batch === undefined) break;
        await storeOrSetAside(batch);
        await spool.drop();
        pause = backOff.first;
      } catch {
        await wait(pause, undefined, { signal: stop.signal }).catch(() => {});
        pause = Math.min(pause * 2, backOff.last);
      }
    }
    running = undefined;
  }

  /** One row that ClickHouse cannot read must not hold up the others: it is found by halving, and set aside. */
  async function storeOrSetAside(batch: SpoolBatch): Promise<void> {
    try {
      await store(batch);
    } catch (error) {
      const blame = rowsToBlame(error);
      if (blame === undefined) throw error;
      const { lines, token } = batch;
      const [first] = lines;
      if (first === undefined || lines.length === 1) {
        if (first !== undefined) await setAside(first, blame);
        return;
      }
      const middle = lines.length >> 1;
      await storeOrSetAside({ ...batch, lines: lines.slice(0, middle), token: `${token}/1` });
      await storeOrSetAside({ ...batch, lines: lines.slice(middle), token: `${token}/2` });
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
