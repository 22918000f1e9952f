import { TokenBucket } from "limiter";
import { LruMap } from "toad-cache";

export interface BucketsOptions {
  /** Tokens that each gains per second. It holds one second's worth: that many may be taken at once. At least 1. */
  perSecond: number;
  /** Buckets above which the one that was asked longest ago is forgotten, as if it were full. Default 20,000. */
  most?: number;
}

/** Token buckets by name, in bounded memory. */
export function createBuckets({ perSecond, most = 20_000 }: BucketsOptions) {
  const buckets = new LruMap<TokenBucket>(most);

  function fullBucket(name: string): TokenBucket {
    const bucket = new TokenBucket({ bucketSize: perSecond, tokensPerInterval: perSecond, interval: "second" });
    bucket.content = perSecond;
    buckets.set(name, bucket);
    return bucket;
  }

  return {
    /** Takes one token, and says 0; or takes none, and says after how many seconds, at least 1, there is one. */
    take(name: string): number {
      const bucket = buckets.get(name) ?? fullBucket(name);
      return bucket.tryRemoveTokens(1) ? 0 : Math.max(1, bucket.getWaitTime(1) / 1000);
    },
    size: () => buckets.size,
  };
}
