import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { UserConfig } from "tsdown";

/** The text of `a.js`: from the built package, or, where the API runs from its source, bundled from the SDK's source now. */
export async function loadText(): Promise<string> {
  const root = dirname(createRequire(import.meta.url).resolve("@millimetric/track/package.json"));
  const isSource = import.meta.url.endsWith(".ts");
  return isSource ? bundle(root) : readFile(join(root, "dist", "a.js"), "utf8");
}

/** As `pnpm build` would, and never of an older source than the one that is there; half a second. */
async function bundle(root: string): Promise<string> {
  // The bundler is a development dependency: a built API never comes here.
  const [{ build }, { default: configs }] = await Promise.all([
    import("tsdown"),
    import(join(root, "tsdown.config.ts")) as Promise<{ default: UserConfig[] }>,
  ]);
  const config = configs.find(({ format }) => format === "iife");
  const { bundles } = await build({ ...config, cwd: root, config: false, write: false, logLevel: "silent" });
  const [chunk] = bundles.flatMap(({ chunks }) => chunks);
  if (chunk?.type !== "chunk") throw new Error("the browser SDK was bundled to nothing");
  return chunk.code;
}
