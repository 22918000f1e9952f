import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { syncFolder } from "./segments.ts";

/** How far the spool was drained, and the batch that is being tried: after a crash the same rows are tried under the same token. */
export interface Position {
  segment: number;
  /** Bytes of that segment that were drained. */
  offset: number;
  attempt?: { end: number; token: string };
}

const file = (folder: string) => join(folder, "position.json");

export function readPosition(folder: string): Position {
  if (!existsSync(file(folder))) return { segment: 0, offset: 0 };
  return JSON.parse(readFileSync(file(folder), "utf8")) as Position;
}

/** Atomic and durable: written beside the old one, then put in its place. */
export function writePosition(folder: string, position: Position): void {
  const next = `${file(folder)}.next`;
  const handle = openSync(next, "w", 0o600);
  try {
    writeSync(handle, JSON.stringify(position));
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(next, file(folder));
  syncFolder(folder);
}
