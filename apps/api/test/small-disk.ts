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
    // By another mount over it: the disk itself stays writable while a process has a file open for writing, as that of its lock.
    readOnly(on) {
      if (!on) return void execFileSync("umount", [folder]);
      mount("--bind", folder);
      mount("-o", "remount,bind,ro");
    },
    unmount() {
      execFileSync("umount", ["-l", folder]);
      rmSync(folder, { recursive: true });
    },
  };
}
