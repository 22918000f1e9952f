import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// The package as it is published, in an application of its own.
let app: string;
let installed: string;
beforeAll(async () => {
  app = mkdtempSync(join(tmpdir(), "millimetric-track-"));
  installed = join(app, "node_modules/@millimetric/track");
  mkdirSync(installed, { recursive: true });
  copyFileSync(here("../package.json"), join(installed, "package.json"));
  await run(here("../node_modules/.bin/tsdown"), ["--out-dir", join(installed, "dist")], { cwd: here("..") });
}, 300_000);
afterAll(() => rmSync(app, { recursive: true, force: true }));

test("an application declares its events by merging into the packed types, or for one client", async () => {
  copyFileSync(here("consumer-types.ts"), join(app, "app.ts"));
  writeFileSync(join(app, "package.json"), JSON.stringify({ type: "module" }));
  const compilerOptions = { strict: true, module: "nodenext", noEmit: true, lib: ["ES2024", "DOM"], types: [] };
  writeFileSync(join(app, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["app.ts"] }));
  await run(here("../node_modules/.bin/tsc"), ["-p", app]);
});

test("the packed declarations need no other package", () => {
  const declarations = readdirSync(join(installed, "dist")).filter((name) => name.endsWith(".d.ts"));
  expect(declarations).toEqual(["index.d.ts"]);
  const text = readFileSync(join(installed, "dist/index.d.ts"), "utf8");
  expect(text).not.toMatch(/from "|import\(|declare global/);
});
