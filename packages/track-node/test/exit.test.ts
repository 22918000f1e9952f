import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FaultyApi, startFaultyApi } from "./faulty-api.ts";

const script = fileURLToPath(new URL("./exit-process.ts", import.meta.url));

let api: FaultyApi;
beforeEach(async () => {
  api = await startFaultyApi();
});
afterEach(() => api.close());

function start(how: string, host = api.host): ChildProcessByStdio<Writable, Readable, Readable> {
  return spawn(process.execPath, ["--conditions=@millimetric/source", script, how, host], { stdio: "pipe" });
}

/** A process that tracks one event and ends in the given way. */
async function run(how: string) {
  const child = start(how);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data));
  if (how.startsWith("SIGTERM")) child.stdout.once("data", () => child.kill("SIGTERM"));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal, output };
}

test("a process that forgot close ends by itself, after its last events", async () => {
  expect(await run("normal")).toMatchObject({ code: 0, output: "" });
  expect(api.deliveries).toHaveLength(1);
});

test("a process that forgot close waits out a 503 for its last events", async () => {
  api.faults.push({ status: 503 });
  expect(await run("normal")).toMatchObject({ code: 0, output: "server_error 0\n" });
  expect(api.deliveries).toHaveLength(1);
});

test("a process that forgot close is not kept for long by a server that hangs, and says what it loses", async () => {
  api.faults.push("hang");
  expect(await run("impatient")).toEqual({ code: 0, signal: null, output: "lost_at_exit 1\n" });
});

test("nor by a server that is dead", async () => {
  await api.close();
  const { code, output } = await run("impatient");
  expect(code).toBe(0);
  expect(output).toContain("lost_at_exit 1");
});

test("a handler that awaits flush loses nothing, even if the process then exits", async () => {
  expect(await run("flush")).toMatchObject({ code: 0, output: "" });
  expect(api.deliveries).toHaveLength(1);
});

test("process.exit before sending loses the event, and says which", async () => {
  expect(await run("exit")).toMatchObject({ code: 3, output: "lost_at_exit 1\n" });
  expect(api.deliveries).toHaveLength(0);
});

test("a SIGTERM handler that awaits close loses nothing", async () => {
  expect(await run("SIGTERM")).toEqual({ code: 0, signal: null, output: "ready\n" });
  expect(api.deliveries).toHaveLength(1);
});

test("SIGTERM without a handler ends the process as ever: the SDK takes no signal for itself", async () => {
  expect(await run("SIGTERM without a handler")).toMatchObject({ code: null, signal: "SIGTERM" });
});

test.each(["rejection", "exception"])(
  "an unhandled %s ends the process with its code, and the loss is told",
  async (how) => {
    const { code, output } = await run(how);
    expect(code).toBe(1);
    expect(output).toContain("nobody catches this");
    expect(output).toContain("lost_at_exit 1");
  },
);

test.each(["dead", "hanging"])(
  "with a %s server, close ends within its time-out and the process ends",
  async (server) => {
    if (server === "dead") await api.close();
    else api.faults.push("hang");
    const { code, output } = await run("close");
    expect(code).toBe(0);
    expect(output).toContain("closed 1");
  },
);

test("a serverless handler that awaits flush loses nothing when it is stopped between requests, and killed in the end", async () => {
  const child = start("serverless");
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  for (let n = 1; n <= 5; n++) {
    if (n === 3) api.faults.push({ status: 503 }, "cutAfter");
    child.kill("SIGCONT");
    child.stdin.write("request\n");
    let answer = "";
    while (!answer.startsWith("answered")) answer = (await answers.next()).value as string;
    expect(answer).toBe("answered 1 0");
    expect(new Set(api.deliveries.map(({ event_id }) => event_id)).size).toBe(n);
    // Frozen, as such platforms do; when it wakes, its connections are gone.
    child.kill("SIGSTOP");
    api.closeIdle();
  }
  child.kill("SIGKILL");
  await once(child, "close");
  expect(new Set(api.deliveries.map(({ event_id }) => event_id)).size).toBe(5);
});
