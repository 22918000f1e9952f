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

/** A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then 74 random bits. */
export function uuidv7(nowMs: number): string {
  const random = draw();
  random[0] = 0x70 | ((random[0] ?? 0) & 0x0f);
  random[2] = 0x80 | ((random[2] ?? 0) & 0x3f);
  const time = Math.max(0, Math.trunc(nowMs)).toString(16).padStart(12, "0");
  const tail = random.toString("hex");
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-${tail.slice(0, 4)}-${tail.slice(4, 8)}-${tail.slice(8)}`;
}
