interface Bucket {
  tokens: number;
  /** When it had that many, `performance.now()`. */
  at: number;
}

export interface BucketsOptions {
  /** Tokens that each gains per second. It holds one second's worth: that many may be taken at once. */
  perSecond: number;
  /** Buckets above which full ones are forgotten, and then the oldest. Default 20,000. */
  most?: number;
  /** Milliseconds of a clock that never goes back. */
  now?: () => number;
}

/** Token buckets by name, in bounded memory. */
export function createBuckets({ perSecond, most = 20_000, now = () => performance.now() }: BucketsOptions) {
  const buckets = new Map<string, Bucket>();

  const filled = ({ tokens, at }: Bucket, time: number) =>
    Math.min(perSecond, tokens + ((time - at) / 1000) * perSecond);

  /** A full bucket tells nothing. Where all names are busy the oldest are forgotten, a tenth at once, so that this is rare. */
  function makeRoom(time: number): void {
    for (const [name, bucket] of buckets) if (filled(bucket, time) >= perSecond) buckets.delete(name);
    let surplus = buckets.size - 0.9 * most;
    for (const name of buckets.keys()) if (surplus-- > 0) buckets.delete(name);
  }

  return {
    /** Takes one token, and says 0; or takes none, and says after how many seconds, at least 1, there is one. */
    take(name: string): number {
      const time = now();
      let bucket = buckets.get(name);
      if (bucket === undefined) {
        if (buckets.size >= most) makeRoom(time);
        bucket = { tokens: perSecond, at: time };
        buckets.set(name, bucket);
      } else {
        bucket.tokens = filled(bucket, time);
        bucket.at = time;
      }
      if (bucket.tokens < 1) return Math.max(1, (1 - bucket.tokens) / perSecond);
      bucket.tokens--;
      return 0;
    },
    size: () => buckets.size,
  };
}
