import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface FolderLock {
  release(): void;
}

/** SQLITE_BUSY: somebody else has it. */
const busy = 5;

/**
 * Keeps the folder for this process: two would cut and remove each other's files. It is the operating system's lock, which ends with the
 * process however that dies, by way of SQLite, for Node has no call for it. A disk that takes no file at all is the spool's to tell.
 * @throws Error when another process has the folder
 */
export function lockFolder(folder: string): FolderLock {
  let lock: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    lock = new DatabaseSync(join(folder, "lock"), { timeout: 0 });
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    if ((cause as { errcode?: number }).errcode === busy) {
      lock?.close();
      throw new Error(`another process uses the spool in ${folder}: each needs a SPOOL_DIR of its own`, { cause });
    }
  }
  return { release: () => lock?.close() };
}
