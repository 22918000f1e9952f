import { randomUUID } from "node:crypto";
import { unlinkSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { type Position, readPosition, reserveRoom, takesWrites, writePosition } from "./position.ts";
import { decodeRecords, encodeRecord, type SpoolRecord } from "./record.ts";
import { recoverSegments, type Segment, segmentFile, syncFolder } from "./segments.ts";

/** Bytes after which a file is closed and the next one begun. */
const segmentBytes = 8 * 1024 * 1024;
/** Rows that are drained in one insert. */
const batchRows = 10_000;

/** The spool cannot take a record: it is full, or its disk is full, read-only or broken. */
export class SpoolError extends Error {
  readonly code: "full" | "unwritable";
  constructor(code: "full" | "unwritable", message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** The oldest rows, to be inserted as one block. */
export interface SpoolBatch {
  lines: readonly string[];
  token: string;
  /** Whether each row was a duplicate when the batch was tried first; undefined until it was tried. */
  duplicates: readonly boolean[] | undefined;
  /** Epoch milliseconds of the oldest append among them. */
  at: number;
}

export interface Spool {
  /** Resolves when the record is on disk. Concurrent calls share one fsync. @throws SpoolError */
  append(record: SpoolRecord): Promise<void>;
  /** The oldest batch; the same one until `drop` was called. */
  peek(): Promise<SpoolBatch | undefined>;
  /** The batch of `peek` is about to be tried: the next process will try the same one under the same token, and know its duplicates. */
  trying(duplicates: readonly boolean[]): void;
  /** Forgets the batch of `peek`: it is stored. */
  drop(): Promise<void>;
  /** Why appends are refused, as far as is known; small ones may still fit. */
  problem(): string | undefined;
  stats(): { rows: number; bytes: number; damagedBytes: number; oldestAt: number | undefined };
  close(): Promise<void>;
}

interface Waiting {
  record: SpoolRecord;
  bytes: Buffer;
  durable: () => void;
  failed: (error: SpoolError) => void;
}

/** Opens the spool in `folder`, and recovers what an earlier process left there. `maxBytes` bounds its files. */
export function openSpool(folder: string, maxBytes: number): Spool {
  let position = readPosition(folder);
  const { segments, damagedBytes, oldestAt: recoveredAt } = recoverSegments(folder, position);
  reserveRoom(folder);
  let oldestAt = recoveredAt;
  let nextId = (segments.at(-1)?.id ?? position.segment) + 1;
  let active: { segment: Segment; handle: FileHandle } | undefined;
  let waiting: Waiting[] = [];
  let waitingBytes = 0;
  let writing: Promise<void> | undefined;
  let current: { batch: SpoolBatch; segment: Segment; from: number; end: number } | undefined;

  /** What an append was refused for: until a write succeeds, or when it had no room, until something is drained. */
  let refused: SpoolError | undefined;

  const usedBytes = () => segments.reduce((sum, { bytes }) => sum + bytes, 0) + waitingBytes;

  async function activeFile() {
    if (active !== undefined && active.segment.bytes < segmentBytes) return active;
    await active?.handle.close();
    active = undefined;
    const segment: Segment = { id: nextId++, bytes: 0, rows: 0 };
    const handle = await open(segmentFile(folder, segment.id), "wx", 0o600);
    segments.push(segment);
    active = { segment, handle };
    syncFolder(folder);
    return active;
  }

  async function writeWaiting(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting;
      const bytes = waitingBytes;
      waiting = [];
      try {
        const { segment, handle } = await activeFile();
        const content = Buffer.concat(group.map((one) => one.bytes));
        await writeWhole(handle, content, segment.bytes);
        await handle.datasync();
        segment.bytes += content.length;
        segment.rows += group.reduce((sum, { record }) => sum + record.lines.length, 0);
        oldestAt ??= group[0]?.record.at;
        waitingBytes -= bytes;
        if (refused?.code === "unwritable") refused = undefined;
        for (const { durable } of group) durable();
      } catch (cause) {
        waitingBytes -= bytes;
        await abandonActive();
        const why = cause instanceof Error && "code" in cause ? ` (${String(cause.code)})` : "";
        const error = new SpoolError("unwritable", `The spool cannot be written${why}.`, cause);
        refused = error;
        for (const { failed } of group) failed(error);
      }
    }
    writing = undefined;
  }

  /** After a failed write the end of the file is uncertain; what is beyond the durable bytes is never read, and only takes room. */
  async function abandonActive(): Promise<void> {
    const abandoned = active;
    active = undefined;
    await abandoned?.handle.truncate(abandoned.segment.bytes).catch(() => {});
    await abandoned?.handle.close().catch(() => {});
  }

  async function peek(): Promise<SpoolBatch | undefined> {
    if (current !== undefined) return current.batch;
    for (let segment = segments[0]; segment !== undefined; segment = segments[0]) {
      const from = segment.id === position.segment ? position.offset : 0;
      const { bytes } = segment;
      const file = (await readFile(segmentFile(folder, segment.id))).subarray(0, bytes);
      const { records } = decodeRecords(file, from);
      const [first] = records;
      if (first !== undefined) {
        const attempt = position.segment === segment.id ? position.attempt : undefined;
        const repeated = records.filter((record) => record.end <= (attempt?.end ?? 0));
        const taken = repeated.length > 0 ? repeated : batchOf(records);
        const end = taken.at(-1)?.end ?? first.end;
        const lines = taken.flatMap((record) => record.lines);
        const triedBefore = repeated.length > 0 || first.token !== null;
        // One whose record was damaged since is of fewer rows: under the old token, or a half of it, others would pass for stored.
        const tried = repeated.length > 0 && attempt?.duplicates?.length === lines.length ? attempt : undefined;
        const token = (repeated.length > 0 ? tried?.token : first.token) ?? randomUUID();
        const digits = tried?.duplicates ?? "";
        // An insert that was tried before it was spooled was tried without duplicates.
        const duplicates = triedBefore ? lines.map((_, index) => digits[index] === "1") : undefined;
        current = { batch: { lines, token, at: first.at, duplicates }, segment, from, end };
        oldestAt = first.at;
        return current.batch;
      }
      // What was appended while the file was read is in there, too.
      if (segment.bytes > bytes) continue;
      if (segment.id === active?.segment.id) break;
      forget(segment);
    }
    oldestAt = undefined;
    return undefined;
  }

  function trying(duplicates: readonly boolean[]): void {
    if (current === undefined) return;
    const { batch, segment, from, end } = current;
    const attempt = { end, token: batch.token, duplicates: duplicates.map(Number).join("") };
    save({ segment: segment.id, offset: from, attempt });
    batch.duplicates = duplicates;
  }

  async function drop(): Promise<void> {
    if (current === undefined) return;
    const { batch, segment, end } = current;
    save({ segment: segment.id, offset: end });
    segment.rows -= batch.lines.length;
    current = undefined;
    if (refused?.code === "full") refused = undefined;
    if (end < segment.bytes || waiting.length > 0) return;
    if (segment.id === active?.segment.id) {
      if (writing !== undefined) return;
      await abandonActive();
    }
    forget(segment);
    if (segments.length === 0) oldestAt = undefined;
  }

  function save(next: Position): void {
    writePosition(folder, next);
    position = next;
  }

  function forget(segment: Segment): void {
    segments.splice(segments.indexOf(segment), 1);
    unlinkSync(segmentFile(folder, segment.id));
    reserveRoom(folder);
  }

  return {
    async append(record) {
      const bytes = encodeRecord(record);
      if (usedBytes() + bytes.length > maxBytes) {
        const error = new SpoolError("full", `The spool is full (${maxBytes} bytes).`);
        // Too large for an empty spool says nothing of the next one.
        if (bytes.length <= maxBytes) refused = error;
        throw error;
      }
      // The room that a position needs is not for records: what cannot be written how far it was drained is never drained.
      if (!reserveRoom(folder)) {
        refused = new SpoolError("unwritable", "The spool cannot be written (no room is left to drain it).");
        throw refused;
      }
      waitingBytes += bytes.length;
      await new Promise<void>((durable, failed) => {
        waiting.push({ record, bytes, durable, failed });
        writing ??= writeWaiting();
      });
    },
    peek,
    trying,
    drop,
    problem() {
      // Out of service no request would find out.
      if (refused?.code === "unwritable" && takesWrites(folder)) refused = undefined;
      return refused?.message;
    },
    stats: () => ({
      rows: segments.reduce((sum, { rows }) => sum + rows, 0),
      bytes: usedBytes(),
      damagedBytes,
      oldestAt,
    }),
    async close() {
      await writing;
      await abandonActive();
    },
  };
}

/** A disk that becomes full takes a part, and says so only when asked for the rest. */
async function writeWhole(handle: FileHandle, content: Buffer, at: number): Promise<void> {
  for (let done = 0; done < content.length; ) {
    const { bytesWritten } = await handle.write(content, done, content.length - done, at + done);
    done += bytesWritten;
  }
}

/** Records that go in one block; one that was tried under a token goes alone. */
function batchOf<R extends SpoolRecord>(records: readonly R[]): R[] {
  const taken: R[] = [];
  let rows = 0;
  for (const record of records) {
    const alone = record.token !== null;
    if (taken.length > 0 && (alone || rows + record.lines.length > batchRows)) break;
    taken.push(record);
    rows += record.lines.length;
    if (alone) break;
  }
  return taken;
}
