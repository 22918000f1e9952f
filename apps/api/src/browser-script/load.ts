import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * The text of `a.js`: from the built package, or, where the API runs from its source, bundled from the SDK's source now, as `pnpm build`
 * would, and never of an older source than the one that is there.
 */
export async function loadText(): Promise<string> {
  const root = dirname(createRequire(import.meta.url).resolve("@millimetric/track/package.json"));
  if (!import.meta.url.endsWith(".ts")) return readFile(join(root, "dist", "a.js"), "utf8");
  // In a process of its own: the bundler would keep 90 MB of this one.
  const bundler = fileURLToPath(new URL("./bundle.ts", import.meta.url));
  const { stdout } = await run(process.execPath, ["--conditions=@millimetric/source", bundler, root]);
  return stdout;
}
