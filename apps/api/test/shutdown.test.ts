import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ApiProcess, apiProcess } from "./api-process.ts";
import { adminToken, patient, type TestProject } from "./platform.ts";

let folder: string;
let api: ApiProcess;
let project: TestProject;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millimetric-shutdown-"));
  // So long that nothing here ends by itself.
  api = apiProcess(folder, { SHUTDOWN_GRACE_SECONDS: "600", ...patient });
  await api.start();
  project = (await call("POST", "/admin/v1/projects", adminToken, { name: "shutdown" })).body as TestProject;
});
afterAll(async () => {
  await api.stop("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function call(method: string, path: string, key = "", body?: object) {
  const answer = await fetch(`${api.url()}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: (await answer.json()) as unknown };
}

test("SIGTERM: not ready any more, and why; it serves on for the grace time; a second signal ends it at once, and what was acknowledged stays", async () => {
  const gone = api.stop("SIGTERM");
  const unready = { status: 503, body: { ready: false, reasons: ["shutting down"] } };
  await vi.waitFor(async () => expect(await call("GET", "/readyz")).toEqual(unready), { timeout: 30_000 });
  expect((await call("GET", "/healthz")).status).toBe(200);
  const event = { event: "late", event_id: "late", anonymous_id: "a" };
  expect((await call("POST", "/v1/track", project.keys.sk, event)).status).toBe(202);

  expect(await api.stop("SIGTERM")).toBe(1);
  expect(await gone).toBe(1);
  await api.start();
  const { body } = await call("GET", "/v1/query", project.keys.rk);
  expect(body).toMatchObject({ rows: [{ event_id: "late" }] });
}, 300_000);
