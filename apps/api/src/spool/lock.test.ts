import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lockFolder } from "./lock.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millimetric-lock-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("a spool is one process's, until that process is gone, however it goes", async () => {
  const script = `
    import { lockFolder } from ${JSON.stringify(join(import.meta.dirname, "lock.ts"))};
    lockFolder(${JSON.stringify(folder)});
    console.log("locked");
    setInterval(() => {}, 1000);`;
  const other = spawn(execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
  await once(other.stdout, "data");
  expect(() => lockFolder(folder)).toThrow(`another process uses the spool in ${folder}`);
  other.kill("SIGKILL");
  await once(other, "exit");
  const lock = lockFolder(folder);
  expect(() => lockFolder(folder)).toThrow("another process");
  lock.release();
  lockFolder(folder).release();
});

test("what takes no files is the spool's to tell", () => {
  lockFolder(import.meta.filename).release();
});
