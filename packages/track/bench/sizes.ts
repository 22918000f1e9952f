import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build } from "tsdown";

const cwd = fileURLToPath(new URL("..", import.meta.url));

/** Trackers of others, by what an application writes to have one; all under permissive licences. */
const others: Record<string, string> = {
  "plausible-tracker": `export { default } from "plausible-tracker"`,
  "@vercel/analytics": `export { inject, track } from "@vercel/analytics"`,
  "@segment/analytics-next": `export { AnalyticsBrowser } from "@segment/analytics-next"`,
  "mixpanel-browser": `export { default } from "mixpanel-browser"`,
  "posthog-js": `export { default } from "posthog-js"`,
};

export interface Size {
  name: string;
  raw: number;
  gzip: number;
  brotli: number;
}

const sizeOf = (name: string, code: string): Size => ({
  name,
  raw: Buffer.byteLength(code),
  gzip: gzipSync(code, { level: 9 }).length,
  brotli: brotliCompressSync(code).length,
});

type Built = Awaited<ReturnType<typeof build>>;

const chunksOf = ({ bundles }: Built) =>
  bundles.flatMap(({ chunks }) => chunks.filter((chunk) => chunk.type === "chunk"));

/** `a.js` and `index.js`, as the package has them. */
export async function ownFiles(): Promise<Map<string, string>> {
  const built = await build({ cwd, write: false, dts: false, clean: false, logLevel: "silent" });
  return new Map(chunksOf(built).map(({ fileName, code }) => [fileName, code]));
}

/** Of what a page has to load before the tracker works: code that is only loaded later is left out. */
async function otherSize(name: string, entry: string): Promise<Size> {
  const page = "\0page.js";
  const plugin = {
    name: "page",
    resolveId: (id: string) => (id === "page.js" ? page : null),
    load: (id: string) => (id === page ? entry : null),
  };
  const built = await build({
    cwd,
    config: false,
    entry: "page.js",
    format: "esm",
    platform: "browser",
    target: "es2021",
    deps: { alwaysBundle: [/.*/] },
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [plugin],
    minify: true,
    write: false,
    dts: false,
    logLevel: "silent",
  });
  const chunks = new Map(chunksOf(built).map((chunk) => [chunk.fileName, chunk]));
  const [first] = [...chunks.values()].filter(({ isEntry }) => isEntry);
  const eager = new Set<string>();
  const visit = (fileName: string) => {
    const chunk = chunks.get(fileName);
    if (chunk === undefined || eager.has(fileName)) return;
    eager.add(fileName);
    for (const imported of chunk.imports) visit(imported);
  };
  visit(first?.fileName ?? "");
  return sizeOf(name, [...eager].map((fileName) => chunks.get(fileName)?.code).join("\n"));
}

export async function measureSizes(): Promise<Size[]> {
  const own = await ownFiles();
  const sizes = [
    sizeOf("@millimetric/track, module", own.get("index.js") ?? ""),
    sizeOf("@millimetric/track, a.js", own.get("a.js") ?? ""),
  ];
  for (const [name, entry] of Object.entries(others)) sizes.push(await otherSize(name, entry));
  return sizes;
}
