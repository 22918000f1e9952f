/** Milliseconds. */
const firstBackOff = 1_000;
const backOffCap = 30_000;
/** Bounds what a server may ask for. */
export const retryAfterCap = 300_000;

/** Which answers are worth another try; a request without an answer has the status 0. All others would be answered the same again. */
export const isRetryable = (status: number): boolean =>
  !status || status === 408 || status === 425 || status === 429 || status >= 500;

/**
 * How long to wait before try `attempt + 1` (milliseconds; `attempt` counts from 0): doubles up to the cap, and takes a random point of
 * the upper half, so that the jitter never leads over it.
 */
export const backOffMs = (attempt: number, random: number): number =>
  Math.min(backOffCap, firstBackOff * 2 ** attempt) * (0.5 + random / 2);

/** Milliseconds that a `Retry-After` header (seconds or an HTTP date) asks for, capped; 0 when it says nothing. */
export const retryAfterMs = (header: string | null, nowMs: number): number =>
  Math.max(0, Math.min(Number(header) * 1_000 || Date.parse(String(header)) - nowMs || 0, retryAfterCap));
