import { join } from "node:path";
import process from "node:process";
import { build, type UserConfig } from "tsdown";

// Writes `a.js`, bundled from the source of the SDK in a folder, to its output:  node bundle.ts FOLDER
const [, , root = ""] = process.argv;
const { default: configs } = (await import(join(root, "tsdown.config.ts"))) as { default: UserConfig[] };
const config = configs.find(({ format }) => format === "iife");
const { bundles } = await build({ ...config, cwd: root, config: false, write: false, logLevel: "silent" });
const [chunk] = bundles.flatMap(({ chunks }) => chunks);
if (chunk?.type !== "chunk") throw new Error("the browser SDK was bundled to nothing");
process.stdout.write(chunk.code);
