import { existsSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { syncFolder } from "./segments.ts";

/** How far the spool was drained, and the batch that is being tried: after a crash the same rows are tried under the same token. */
export interface Position {
  segment: number;
  /** Bytes of that segment that were drained. */
  offset: number;
  attempt?: {
    end: number;
    token: string;
    /** A digit for each row: 1 if it was a duplicate when the batch was tried first. What is found stored of the others is this batch's. */
    duplicates?: string;
  };
}

const file = (folder: string) => join(folder, "position.json");

export function readPosition(folder: string): Position {
  if (!existsSync(file(folder))) return { segment: 0, offset: 0 };
  return JSON.parse(readFileSync(file(folder), "utf8")) as Position;
}

const ballast = (folder: string) => join(folder, "ballast");
/** Bytes: more than a position needs on any file system. */
const ballastBytes = 65_536;

/**
 * Whether room is kept for positions, now if not before: when the spool itself has filled the disk, it can only be drained, and so emptied, if it can still be
 * written how far.
 */
export function reserveRoom(folder: string): boolean {
  return existsSync(ballast(folder)) || fills(ballast(folder));
}

/** Whether the disk takes a file of that size now. */
function fills(file: string): boolean {
  try {
    writeFileSync(file, Buffer.alloc(ballastBytes), { mode: 0o600, flush: true });
    return true;
  } catch {
    rmSync(file, { force: true });
    return false;
  }
}

/** Whether the disk takes a file now. */
export function takesWrites(folder: string): boolean {
  const probe = join(folder, "probe");
  if (!fills(probe)) return false;
  unlinkSync(probe);
  return true;
}

/** Atomic and durable: written beside the old one, then put in its place. */
export function writePosition(folder: string, position: Position): void {
  const next = `${file(folder)}.next`;
  const write = () => writeFileSync(next, JSON.stringify(position), { mode: 0o600, flush: true });
  try {
    write();
  } catch (error) {
    if (!existsSync(ballast(folder))) throw error;
    unlinkSync(ballast(folder));
    write();
  }
  renameSync(next, file(folder));
  syncFolder(folder);
}
