import { randomFillSync } from "node:crypto";
import { v7 } from "uuid";

/** Random bytes are drawn for this many ids at once: a call into OpenSSL for each costs more than the rest of a request's id. */
const idsPerDraw = 256;
const bytesPerId = 16;

let pool: Buffer | undefined;
let used = 0;
/** Of the id that was made last. */
let msecs = 0;
let seq = 0;

/** A UUIDv7, greater than the one before: what arrives in the same millisecond keeps its order wherever it is sorted by id. */
export function uuid(): string {
  if (pool === undefined || used === pool.length) {
    pool ??= Buffer.allocUnsafeSlow(idsPerDraw * bytesPerId);
    randomFillSync(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + bytesPerId);
  used += bytesPerId;
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    // 31 bits, to have room above.
    seq = random.readUInt32BE(0) >>> 1;
  } else seq++;
  return v7({ msecs, seq, random });
}
