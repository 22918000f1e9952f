import { fileURLToPath } from "node:url";
import { build } from "tsdown";

const cwd = fileURLToPath(new URL("../../../../packages/track", import.meta.url));

/** The browser SDK as its package has it, built from its source: `a.js` and `index.js`. */
export async function bundleSdk(): Promise<{ script: string; module: string }> {
  const { bundles } = await build({ cwd, write: false, dts: false, clean: false, logLevel: "silent" });
  const named = (name: string) => {
    const chunk = bundles.flatMap(({ chunks }) => chunks).find(({ fileName }) => fileName === name);
    if (chunk?.type !== "chunk") throw new Error(`the build has no ${name}`);
    return chunk.code;
  };
  return { script: named("a.js"), module: named("index.js") };
}
