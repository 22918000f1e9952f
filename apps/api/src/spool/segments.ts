import {
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { decodeRecords } from "./record.ts";

/** A spool file: records are appended to the newest, and taken from the oldest. */
export interface Segment {
  /** Its number; files are named by it and sort by it. */
  id: number;
  /** Bytes of it that are durable. */
  bytes: number;
  /** Rows not yet drained. */
  rows: number;
}

export const segmentFile = (folder: string, id: number) => join(folder, `${String(id).padStart(12, "0")}.spool`);

export interface Recovered {
  segments: Segment[];
  /** Bytes of damaged records that were set aside. */
  damagedBytes: number;
  oldestAt: number | undefined;
}

/**
 * What an earlier process left: torn tails are cut, and a file with damaged records is copied to `<file>.damaged` for a human;
 * the whole records around the damage are drained like any other.
 */
export function recoverSegments(folder: string, position: { segment: number; offset: number }): Recovered {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const recovered: Recovered = { segments: [], damagedBytes: 0, oldestAt: undefined };
  const ids = readdirSync(folder)
    .filter((name) => /^\d{12}\.spool$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
  for (const id of ids) {
    const file = segmentFile(folder, id);
    const content = readFileSync(file);
    const { records, wholeBytes, damagedBytes } = decodeRecords(content, id === position.segment ? position.offset : 0);
    if (damagedBytes > 0) {
      try {
        copyFileSync(file, `${file}.damaged`);
      } catch {
        // No room for a copy is no reason not to start.
      }
      recovered.damagedBytes += damagedBytes;
    }
    if (wholeBytes < content.length) truncateSync(file, wholeBytes);
    recovered.oldestAt ??= records[0]?.at;
    recovered.segments.push({ id, bytes: wholeBytes, rows: records.reduce((sum, { lines }) => sum + lines.length, 0) });
  }
  return recovered;
}

/** Makes the names in a folder durable: a new file may otherwise be gone after a power cut, with its content. */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
