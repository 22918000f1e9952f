import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "tsdown";
import { expect, test } from "vitest";

const cwd = fileURLToPath(new URL("..", import.meta.url));
/** Bytes, gzipped. */
const budget = 4 * 1024;

test("with everything in it the SDK is under 4 KB gzip, as a module and as a script", async () => {
  const { bundles } = await build({ cwd, write: false, dts: false, clean: false, logLevel: "silent" });
  const files = bundles.flatMap(({ chunks }) => chunks.filter((chunk) => chunk.type === "chunk"));
  expect(files.map(({ fileName }) => fileName).sort()).toEqual(["a.js", "index.js"]);
  for (const { code } of files) expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(budget);
});

test("a part of a page that only names what it imports pays for no more than that", async () => {
  const plugins = [
    {
      name: "entry",
      resolveId: (id: string) => (id === "page.ts" ? { id: `${cwd}page.ts` } : null),
      load: (id: string) =>
        id.endsWith("page.ts") ? `import { getAnonymousId } from "./src/index.ts"; getAnonymousId();` : null,
    },
  ];
  const { bundles } = await build({
    cwd,
    config: false,
    entry: "page.ts",
    format: "esm",
    platform: "browser",
    plugins,
    minify: true,
    write: false,
    dts: false,
    logLevel: "silent",
  });
  const [page] = bundles.flatMap(({ chunks }) => chunks.filter((chunk) => chunk.type === "chunk"));
  expect(page?.code).toContain("getAnonymousId");
  // `init` is what brings the rest.
  expect(page?.code.length).toBeLessThan(1_000);
});
