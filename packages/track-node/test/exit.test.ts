import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FaultyApi, startFaultyApi } from "./faulty-api.ts";

const script = fileURLToPath(new URL("./exit-process.ts", import.meta.url));

let api: FaultyApi;
beforeEach(async () => {
  api = await startFaultyApi();
});
afterEach(() => api.close());

/** A process that tracks one event and ends in the given way. */
function run(how: string, host = api.host): Promise<{ code: number | null; signal: string | null; output: string }> {
  const child = spawn(process.execPath, ["--conditions=@millimetric/source", script, how, host], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data));
  if (how === "SIGTERM") child.stdout.once("data", () => child.kill("SIGTERM"));
  return new Promise((resolve) => child.on("close", (code, signal) => resolve({ code, signal, output })));
}

test("a process that forgot close ends by itself, after its last events", async () => {
  expect(await run("normal")).toMatchObject({ code: 0 });
  expect(api.deliveries).toHaveLength(1);
});

test("a handler that awaits flush loses nothing, even if the process then exits", async () => {
  expect(await run("flush")).toMatchObject({ code: 0 });
  expect(api.deliveries).toHaveLength(1);
});

test("process.exit before sending loses the event, and says which", async () => {
  const { code, output } = await run("exit");
  expect(code).toBe(3);
  expect(output).toContain("lost_at_exit 1");
  expect(api.deliveries).toHaveLength(0);
});

test("a SIGTERM handler that awaits close loses nothing", async () => {
  expect(await run("SIGTERM")).toMatchObject({ code: 0 });
  expect(api.deliveries).toHaveLength(1);
});

test("an unhandled rejection still ends the process with its code, and the loss is reported", async () => {
  const { code, output } = await run("rejection");
  expect(code).toBe(1);
  expect(output).toContain("lost_at_exit 1");
});

test("with a dead server, close ends within its time-out and the process ends", async () => {
  await api.close();
  const { code, output } = await run("close");
  expect(code).toBe(0);
  expect(output).toContain("closed 1");
});
