/** Milliseconds. Less than this between the clocks is the way through the network and no skew. */
const tolerated = 10_000;
const day = 24 * 3_600_000;
const earliest = Date.UTC(1970, 0, 1);
const latest = Date.UTC(2200, 0, 1);

const iso = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?(Z|[+-]\d{2}:?\d{2})$/i;

/** Epoch milliseconds of an ISO 8601 instant with a zone or of epoch milliseconds; `undefined` when it is neither. */
export function parseInstant(value: string | number): number | undefined {
  const at =
    typeof value === "number"
      ? value
      : iso.test(value)
        ? Date.parse(value.replace(",", ".").replace(" ", "T"))
        : Number.NaN;
  return at >= earliest && at < latest ? Math.trunc(at) : undefined;
}

/**
 * When an event happened by our clock: `timestamp` by the client's clock, moved by how far that clock was off when it said
 * `sent_at`. More than 24 hours in the future becomes the receive time, flagged.
 */
export function eventTime(times: { timestamp?: number; sentAt?: number; receivedAt: number }): {
  at: number;
  clamped: boolean;
} {
  const { timestamp, sentAt, receivedAt } = times;
  if (timestamp === undefined) return { at: receivedAt, clamped: false };
  const skew = sentAt === undefined ? 0 : receivedAt - sentAt;
  const at = Math.abs(skew) > tolerated ? timestamp + skew : timestamp;
  return at > receivedAt + day || at < earliest ? { at: receivedAt, clamped: true } : { at, clamped: false };
}
