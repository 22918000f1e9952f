import { crc32 } from "node:zlib";

/**
 * One record of a spool file: magic (4 bytes), length of the payload (u32 LE), CRC-32 of the payload (u32 LE), payload.
 * The payload is a line of JSON, then the rows, one line each.
 */
export interface SpoolRecord {
  /** Epoch milliseconds of the append. */
  at: number;
  /** Set when an insert of exactly these lines was tried, and may have happened: it must be tried again under this token. */
  token: string | null;
  /** Rows of `events_v1` as lines of JSON. */
  lines: readonly string[];
}

const magic = Buffer.from("MMS1");
const headerBytes = 12;

export function encodeRecord({ at, token, lines }: SpoolRecord): Buffer {
  const payload = Buffer.from(`${JSON.stringify({ at, token })}\n${lines.join("\n")}`);
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt32LE(payload.length, 4);
  header.writeUInt32LE(crc32(payload), 8);
  return Buffer.concat([header, payload]);
}

export interface Decoded {
  records: (SpoolRecord & { end: number })[];
  /** Bytes up to the end of the last whole record. */
  wholeBytes: number;
  /**
   * Bytes of damaged records: between whole ones, and after the last one when all of a record is there. Anything less is a torn tail and
   * not counted.
   */
  damagedBytes: number;
}

/** Every whole record of a file, whatever stands between them. Never throws. */
export function decodeRecords(file: Buffer, from = 0): Decoded {
  const decoded: Decoded = { records: [], wholeBytes: from, damagedBytes: 0 };
  let start = from;
  while (start !== -1 && start < file.length) {
    const record = recordAt(file, start);
    if (record === undefined) {
      start = file.indexOf(magic, start + 1);
      continue;
    }
    decoded.damagedBytes += start - decoded.wholeBytes;
    decoded.records.push(record);
    decoded.wholeBytes = record.end;
    start = record.end;
  }
  if (endOfRecord(file, decoded.wholeBytes) !== undefined) decoded.damagedBytes += file.length - decoded.wholeBytes;
  return decoded;
}

/** Where the record that begins here ends, if all of it is there, sound or not. */
function endOfRecord(file: Buffer, start: number): number | undefined {
  const body = start + headerBytes;
  if (body > file.length || file.compare(magic, 0, magic.length, start, start + magic.length) !== 0) return undefined;
  const end = body + file.readUInt32LE(start + 4);
  return end > file.length ? undefined : end;
}

function recordAt(file: Buffer, start: number): (SpoolRecord & { end: number }) | undefined {
  const end = endOfRecord(file, start);
  if (end === undefined) return undefined;
  const payload = file.subarray(start + headerBytes, end);
  if (crc32(payload) !== file.readUInt32LE(start + 8)) return undefined;
  const [head = "", ...lines] = payload.toString().split("\n");
  return { ...(JSON.parse(head) as { at: number; token: string | null }), lines, end };
}
