import { setTimeout as wait } from "node:timers/promises";

export interface Clock {
  now(): number;
  /** Milliseconds. */
  sleep(ms: number): Promise<unknown>;
}

export const clock: Clock = { now: Date.now, sleep: (ms) => wait(ms) };

export interface PollOptions {
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly clock: Clock;
}

/**
 * Asks again and again until an answer is there.
 * @param ask returns the answer, or a `string` that says what is still missing.
 * @throws Error with what was missing at the end.
 */
export async function poll<T extends object>(ask: () => Promise<T | string>, options: PollOptions): Promise<T> {
  const end = options.clock.now() + options.timeoutMs;
  while (true) {
    const answer = await ask();
    if (typeof answer !== "string") return answer;
    if (options.clock.now() >= end) throw new Error(`gave up after ${options.timeoutMs / 1000} s: ${answer}`);
    await options.clock.sleep(options.intervalMs);
  }
}
