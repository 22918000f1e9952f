// Runs a command with the right Node and pnpm and installed dependencies:  node scripts/toolchain.mjs turbo run test
// Plain JavaScript without dependencies, for Node 20: it is what runs before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const { toolchain } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const say = (text) => process.stderr.write(`millimetric: ${text}\n`);

function fail(text) {
  say(text);
  process.exit(1);
}

const server = "use a ClickHouse server instead: see CLICKHOUSE_URL in README.md";

function checkPlatform() {
  if (process.env.CLICKHOUSE_URL) return;
  if (process.platform === "win32") fail(`Windows has no embedded ClickHouse; run under WSL 2, or ${server}.`);
  if (process.platform === "linux" && !process.report.getReport().header.glibcVersionRuntime)
    fail(`this Linux uses musl, and the embedded ClickHouse needs glibc; take a Debian-based image, or ${server}.`);
}

function version(command) {
  const result = spawnSync(command, ["--version"], { encoding: "utf8", cwd: root });
  return result.status === 0 ? result.stdout.trim().replace(/^v/, "") : undefined;
}

const major = (text) => Number(text?.split(".")[0] ?? 0);

/** Folders to put first on PATH so that `node` is 24 and `pnpm` is ours. */
function toolFolders() {
  const host = `${process.platform}-${process.arch}`;
  const missing = [];
  const folders = [];
  const prefix = join(root, ".tools");
  if (major(process.versions.node) < major(toolchain.node)) {
    missing.push(`node-${host}@${toolchain.node}`);
    folders.push(join(prefix, "node_modules", ".bin"));
  }
  // The package `pnpm` needs its install script to become runnable; the binary it would put in place is a package too.
  if (version("pnpm") !== toolchain.pnpm) {
    missing.push(`@pnpm/exe.${host}@${toolchain.pnpm}`);
    folders.push(join(prefix, "node_modules", "@pnpm", `exe.${host}`));
  }
  if (missing.length === 0) return [];

  const stamp = join(prefix, "installed");
  const wanted = missing.join(" ");
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    say(`getting ${wanted} from the npm registry into .tools (once, about 100 MB)`);
    mkdirSync(prefix, { recursive: true });
    const args = ["install", "--prefix", prefix, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"];
    const npm = spawnSync("npm", [...args, ...missing], { stdio: ["ignore", "ignore", "inherit"], cwd: prefix });
    if (npm.status !== 0)
      fail(`could not get ${wanted}: npm failed (its message is above). Is the npm registry reachable?`);
    writeFileSync(stamp, wanted);
  }
  return folders;
}

function environment() {
  const path = [...toolFolders(), join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);
  return { ...process.env, PATH: path, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1" };
}

function installDependencies(env) {
  const stamp = join(root, "node_modules", ".millimetric-installed");
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "pnpm-lock.yaml")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  say("installing dependencies (the first time takes a minute or two: ClickHouse itself is one of them)");
  const pnpm = spawnSync("pnpm", ["install", "--frozen-lockfile", "--reporter=append-only", "--loglevel=warn"], {
    stdio: ["ignore", 2, 2],
    cwd: root,
    env,
  });
  if (pnpm.status !== 0)
    fail("could not install the dependencies (pnpm's message is above). Is the npm registry reachable?");
  writeFileSync(stamp, lock);
}

const [command, ...args] = process.argv.slice(2);
checkPlatform();
const env = environment();
installDependencies(env);
if (command === undefined) process.exit(0);
const child = spawnSync(command, args, { stdio: "inherit", cwd: root, env });
process.exit(child.status ?? 1);
