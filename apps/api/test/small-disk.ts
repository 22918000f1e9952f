import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A small file system of its own; `undefined` where we may not mount one. */
export function mountSmallDisk(): { folder: string; readOnly(on: boolean): void; unmount(): void } | undefined {
  const folder = mkdtempSync(join(tmpdir(), "millimetric-disk-"));
  const mount = (...options: string[]) => execFileSync("mount", [...options, folder], { stdio: "ignore" });
  try {
    mount("-t", "tmpfs", "-o", "size=3m", "tmpfs");
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    folder,
    readOnly: (on) => mount("-o", `remount,${on ? "ro" : "rw"}`),
    unmount() {
      execFileSync("umount", ["-l", folder]);
      rmSync(folder, { recursive: true });
    },
  };
}
