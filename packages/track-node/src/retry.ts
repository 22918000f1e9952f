/** Which answers are worth another try. Everything else below 500 would be answered the same again. */
const retryableStatuses: ReadonlySet<number> = new Set([408, 425, 429]);

export function isRetryable(status: number): boolean {
  return retryableStatuses.has(status) || (status >= 500 && status <= 599);
}

/** Milliseconds. `retryAfterCap` bounds what a server may ask for. */
export const backOff = { first: 200, cap: 30_000, retryAfterCap: 300_000 } as const;

/**
 * How long to wait before try `attempt + 1` (milliseconds; `attempt` counts from 0): doubles from 200 ms to 30 s, and
 * takes a random point of the upper half, so that the jitter never leads over the cap.
 */
export function backOffMs(attempt: number, random: number): number {
  const ceiling = Math.min(backOff.cap, backOff.first * 2 ** attempt);
  return ceiling * (0.5 + random / 2);
}

/** Milliseconds that a `Retry-After` header (seconds or an HTTP date) asks for, capped; `undefined` when it says nothing. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  if (text === "") return undefined;
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  if (Number.isNaN(ms)) return undefined;
  return Math.min(Math.max(ms, 0), backOff.retryAfterCap);
}
