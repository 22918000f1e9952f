import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { keeperAlarms, replicaAlarms } from "../../src/alarms.ts";
import { lineMetrics } from "../../src/components/observability.ts";

const bin = new URL("../../docker/clickhouse/bin/", import.meta.url).pathname;
const { PATH: path = "" } = env;
const root = mkdtempSync(join(tmpdir(), "monitor-"));
const at = (name: string) => join(root, name);

/** What Keeper answers to each four-letter word. */
let keeper: Record<string, string> = {};
let server: Server;
let port = 0;

beforeAll(async () => {
  mkdirSync(at("bin"));
  writeFileSync(at("drill.xml"), "<clickhouse/>");
  const command = new URL("../support/clickhouseCommand.ts", import.meta.url).pathname;
  writeFileSync(at("bin/clickhouse"), `#!/bin/bash\nexec "${execPath}" "${command}" "$@"\n`);
  chmodSync(at("bin/clickhouse"), 0o755);
  server = createServer((socket) => socket.on("data", (word) => socket.end(keeper[String(word)] ?? "")));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(root, { recursive: true, force: true });
});

/** Runs a script of the image until it ends or has printed a line. */
async function run(script: string, ...args: string[]): Promise<{ code: number | null; line: string }> {
  const child = spawn(join(bin, script), args, {
    env: { PATH: `${at("bin")}:${bin}:${path}`, ENGINES: root, NODE: "s0r0", KEEPER_PORT: String(port) },
  });
  // Not until its output is closed: a monitor that has ended leaves its last pause behind, which holds it open.
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const line = await new Promise<string>((resolve) => {
    child.stdout.setEncoding("utf8").once("data", (text) => resolve(text.trim()));
    child.stdout.once("end", () => resolve(""));
  });
  child.kill("SIGTERM");
  return { code: await ended, line };
}

const mntr = (state: string) => `zk_version\tv26\nzk_server_state\t${state}\nzk_outstanding_requests\t3\n`;

describe("of ClickHouse, with the real engine", () => {
  test("mm-monitor prints a number for everything that alarms and the dashboard read", async () => {
    const { line, code } = await run("mm-monitor", "server");
    expect(code, "ends on SIGTERM").toBe(0);
    const { node, ...values } = JSON.parse(line);
    expect(node).toBe("s0r0");
    for (const [name, value] of Object.entries(values)) expect(value, name).toBeTypeOf("number");
    expect(Object.keys(values)).toEqual(expect.arrayContaining(replicaAlarms.map(({ metric }) => metric)));
    expect(values).toMatchObject({ readonly_replicas: 0, replica_delay_s: 0 });
    expect(values.disk_free_percent).toBeGreaterThan(0);
  });

  test("mm-alive and mm-in-sync say yes to a server without trouble", async () => {
    expect(await run("mm-alive", "server")).toMatchObject({ code: 0 });
    expect(await run("mm-in-sync", "server")).toMatchObject({ code: 0 });
  });

  test("mm-alive and mm-in-sync say no when it does not answer", async () => {
    writeFileSync(at("bin/clickhouse"), "#!/bin/bash\nexit 210\n");
    expect((await run("mm-alive", "server")).code).not.toBe(0);
    expect((await run("mm-in-sync", "server")).code).not.toBe(0);
    const { line } = await run("mm-monitor", "server");
    expect(JSON.parse(line)).toEqual({ node: "s0r0", monitor_failed: 1 });
  });
});

describe("of Keeper", () => {
  test.each([
    ["leader", 1],
    ["follower", 1],
    ["standalone", 1],
    ["looking", 0],
  ])("a %s is in the quorum: %i", async (state, inQuorum) => {
    keeper = { mntr: mntr(state), ruok: "imok" };
    const { line } = await run("mm-monitor", "keeper");
    expect(JSON.parse(line)).toEqual({ node: "s0r0", keeper_in_quorum: inQuorum, keeper_outstanding: 3 });
    expect((await run("mm-in-sync", "keeper")).code === 0).toBe(inQuorum === 1);
    expect(await run("mm-alive", "keeper")).toMatchObject({ code: 0 });
  });

  test("one that does not answer is neither alive nor in sync", async () => {
    keeper = {};
    expect((await run("mm-alive", "keeper")).code).not.toBe(0);
    expect((await run("mm-in-sync", "keeper")).code).not.toBe(0);
  });
});

test("every value that an alarm waits for is made of a monitor's or a job's line", () => {
  const made: string[] = [...lineMetrics.clickhouse, ...lineMetrics.jobs];
  for (const { metric } of [...replicaAlarms, ...keeperAlarms]) expect(made).toContain(metric);
});
