/** What a request meets. `cutAfter`: it is stored, and its answer is lost. */
export type Fault = "none" | "unavailable" | "rateLimited" | "cutBefore" | "cutAfter";

/** Seconds after the first request; in between everything is answered 503, as by a load balancer while the API restarts. */
const outage = { from: 5, to: 10 };

/** Of 100 requests. */
const shares: readonly (readonly [Fault, number])[] = [
  ["unavailable", 3],
  ["rateLimited", 1],
  ["cutBefore", 2],
  ["cutAfter", 2],
];

/** The same faults for every contestant: the nth request of each meets the same. */
export function createFaults(seed: number): (secondsSinceFirst: number) => Fault {
  let state = seed;
  // Mulberry32.
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return (seconds) => {
    let draw = random() * 100;
    if (seconds >= outage.from && seconds < outage.to) return "unavailable";
    for (const [fault, share] of shares) {
      if (draw < share) return fault;
      draw -= share;
    }
    return "none";
  };
}
