import fc from "fast-check";
import { expect, test } from "vitest";
import { backOffMs, isRetryable, retryAfterMs } from "./retry.ts";

test("only what may go well another time is tried again", () => {
  const tried = Array.from({ length: 600 }, (_, status) => status).filter(isRetryable);
  expect(tried.filter((status) => status < 500)).toEqual([0, 408, 425, 429]);
  expect(tried.filter((status) => status >= 500)).toHaveLength(100);
});

test("the back-off doubles from a second to half a minute, with its jitter inside of it", () => {
  fc.assert(
    fc.property(fc.nat(10_000), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, random) => {
      const ceiling = Math.min(30_000, 1_000 * 2 ** attempt);
      const ms = backOffMs(attempt, random);
      expect(ms).toBeGreaterThanOrEqual(ceiling / 2);
      expect(ms).toBeLessThanOrEqual(ceiling);
    }),
    { seed: 1, numRuns: 1_000 },
  );
});

test.each([
  [null, 0],
  ["", 0],
  ["soon", 0],
  ["2", 2_000],
  ["0", 0],
  ["-5", 0],
  ["86400", 300_000],
  ["Tue, 24 Nov 2026 12:00:10 GMT", 10_000],
  ["Tue, 24 Nov 2026 11:59:50 GMT", 0],
])("Retry-After: %s asks for %i ms", (header, ms) => {
  expect(retryAfterMs(header, Date.UTC(2026, 10, 24, 12))).toBe(ms);
});
