import { setTimeout as wait } from "node:timers/promises";

/** What `work` resolves to; throws when that takes longer than `ms` milliseconds. The work itself goes on. */
export async function inTime<T>(ms: number, work: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = wait(ms, undefined, { signal: timer.signal }).then(() => {
    throw new Error(`ClickHouse did not answer within ${ms} ms`);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    timer.abort();
    // Whichever came second is nobody's concern any more.
    for (const loser of [work, late]) loser.catch(() => {});
  }
}
