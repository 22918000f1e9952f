import { existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { env } from "node:process";

/** Of Linux: a folder in memory. */
const memory = "/dev/shm";
/** Bytes; the tests of a package have never had more than a tenth of it at a time. */
const enough = 2e9;

function hasRoom() {
  if (!existsSync(memory)) return false;
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > enough;
}

/**
 * For vitest's `globalSetup`. The engine writes thousands of small files and waits for the disk each time. What a test kills are
 * processes, never the machine: in memory its files outlive that as well, in two thirds of the time.
 */
export default function setUp() {
  if (!hasRoom()) return undefined;
  const folder = mkdtempSync(`${memory}/millimetric-`);
  env["TMPDIR"] = folder;
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}
