import { randomFillSync } from "node:crypto";

/** Random bytes are drawn for this many ids at once: one call into OpenSSL per id costs more than the rest of `track`. */
const idsPerDraw = 256;
const randomBytesPerId = 10;

let pool: Buffer | undefined;
let used = 0;

function draw(): Buffer {
  if (pool === undefined || used === pool.length) {
    pool ??= Buffer.allocUnsafeSlow(idsPerDraw * randomBytesPerId);
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, used + randomBytesPerId);
  used += randomBytesPerId;
  return bytes;
}

/** Of the id that was made last. */
let lastMs = 0;
let counter = 0;
const largestCounter = 0xfff;

/**
 * A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, a counter of 12 bits, 62 random bits. Each is greater than the one before, so that
 * events of the same millisecond keep the order of their calls wherever they are sorted by time and id.
 */
export function uuidv7(nowMs: number): string {
  const random = draw();
  const now = Math.max(0, Math.trunc(nowMs));
  if (now > lastMs || counter === largestCounter) {
    // More than a counter's worth in one millisecond, or a clock that went back: the ids run ahead of the clock.
    lastMs = Math.max(now, lastMs + 1);
    // It starts in its lower half, to have room.
    counter = (((random[0] ?? 0) & 0x07) << 8) | (random[1] ?? 0);
  } else counter++;
  random[0] = 0x70 | (counter >> 8);
  random[1] = counter & 0xff;
  random[2] = 0x80 | ((random[2] ?? 0) & 0x3f);
  const time = lastMs.toString(16).padStart(12, "0");
  const tail = random.toString("hex");
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-${tail.slice(0, 4)}-${tail.slice(4, 8)}-${tail.slice(8)}`;
}
