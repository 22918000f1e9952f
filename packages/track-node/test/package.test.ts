import { execFile } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultyApi, startFaultyApi } from "./faulty-api.ts";

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The package as it would be published, packed and unpacked into an application of its own.
let app: string;
let packed: string;
beforeAll(async () => {
  app = mkdtempSync(join(tmpdir(), "millimetric-package-"));
  packed = join(app, "packed");
  mkdirSync(packed);
  for (const name of ["package.json", "README.md"]) copyFileSync(here(`../${name}`), join(packed, name));
  await run(here("../node_modules/.bin/tsdown"), ["--out-dir", join(packed, "dist")], { cwd: here("..") });
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", app], {
    cwd: packed,
  });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const target = join(app, "node_modules/@millimetric/track-node");
  mkdirSync(target, { recursive: true });
  await run("tar", ["-xzf", join(app, filename), "-C", target, "--strip-components=1"]);
  copyFileSync(here("consumer.mjs"), join(app, "consumer.mjs"));
  writeFileSync(join(app, "package.json"), JSON.stringify({ type: "module" }));
}, 300_000);
afterAll(() => rmSync(app, { recursive: true, force: true }));

test("the tarball holds what is published, and no source, test or private package", () => {
  const files = readdirSync(join(app, "node_modules/@millimetric/track-node"), { recursive: true, encoding: "utf8" });
  expect(files).toEqual(expect.arrayContaining(["package.json", "README.md", "dist/index.js", "dist/index.d.ts"]));
  for (const file of files) expect(file).toMatch(/^(package\.json|README\.md|dist|dist\/[\w.-]+\.(js|d\.ts))$/);
  const text = files.filter((file) => /\.(js|d\.ts)$/.test(file));
  for (const file of text)
    expect(readFileSync(join(app, "node_modules/@millimetric/track-node", file), "utf8")).not.toContain(
      "@millimetric/contracts",
    );
});

test("an application declares its events by merging into the packed types", async () => {
  copyFileSync(here("consumer-types.ts"), join(app, "app.ts"));
  const compilerOptions = { strict: true, module: "nodenext", noEmit: true, lib: ["ES2024", "DOM"], types: [] };
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["app.ts"] }));
  await run(here("../node_modules/.bin/tsc"), ["-p", app]);
});

/** Where `.ci/tools` puts the runtimes that not everybody has. */
const runtimes = here("../../../.tools/runtimes/node_modules");
const found = (path: string) => (existsSync(join(runtimes, path)) ? join(runtimes, path) : undefined);

const contestants: [string, string | undefined, string[]][] = [
  ["Node", execPath, []],
  ["Bun", found("@oven/bun-linux-x64/bin/bun"), ["run"]],
  ["Deno", found("@deno/linux-x64-glibc/deno"), ["run", "--allow-net=127.0.0.1", "--no-prompt"]],
];

describe.each(contestants)("%s", (name, program, args) => {
  let api: FaultyApi;
  beforeAll(async () => {
    api = await startFaultyApi();
  });
  afterAll(() => api.close());

  const title =
    program === undefined ? `is not on this machine: the package was not tried under ${name}` : "runs the package";
  test.skipIf(program === undefined)(
    `${title}: batch, gzip, retry, cookie, proxy, and the end of a process that forgot close`,
    async () => {
      api.faults.push({ status: 503 }, "cutAfter");
      const home = { ...env, HOME: app, DENO_DIR: join(app, "deno") };
      const { stdout, stderr } = await run(program ?? "", [...args, "consumer.mjs", api.host], {
        cwd: app,
        env: home,
        timeout: 150_000,
      });
      expect(JSON.parse(stdout)).toEqual({
        flushed: { accepted: 50, rejected: 0, dropped: 0, pending: 0 },
        cookie: "aid",
        proxied: 202,
        hash: 64,
        codes: true,
      });
      // One warning, of the request that was tried again.
      expect(stderr.match(/Millimetric: /g) ?? []).toHaveLength(1);
      const signups = api.deliveries.filter(({ event }) => event === "signup").map(({ event_id }) => event_id);
      expect([signups.length, new Set(signups).size]).toEqual([100, 50]);
      expect(api.deliveries.filter(({ event }) => event === "forgotten")).toHaveLength(1);
      expect(api.requests[0]?.headers["content-encoding"]).toBe("gzip");
    },
  );
});
