import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Rudder from "@rudderstack/rudder-sdk-node";
import { Analytics } from "@segment/analytics-node";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ApiProcess, apiProcess } from "./api-process.ts";
import { type FaultyProxy, type ProxyFault, startFaultyProxy } from "./faulty-proxy.ts";
import { adminToken, patient, type TestProject } from "./platform.ts";

// The clients are those of the npm registry, unmodified; only their host is ours.
let dataDir: string;
let api: ApiProcess;
let proxy: FaultyProxy;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "millimetric-segment-"));
  // Low limits: the API itself answers 429, too.
  api = apiProcess(dataDir, { ...patient, RATE_LIMIT_KEY_PER_SECOND: "6" });
  await api.start();
  proxy = await startFaultyProxy(() => api.url());
});
afterAll(async () => {
  await proxy.close();
  await api.stop("SIGTERM");
  rmSync(dataDir, { recursive: true, force: true });
});

async function createProject(): Promise<TestProject> {
  const response = await fetch(`${api.url()}/admin/v1/projects`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "moved from Segment" }),
  });
  return (await response.json()) as TestProject;
}

interface Row {
  event_id: string;
  event_name: string;
  timestamp: string;
  anonymous_id: string;
  user_id: string | null;
  source: string;
  medium: string;
  campaign: string;
  properties: { n: number };
}

async function rowsOf({ keys }: TestProject): Promise<Row[]> {
  const answer = await fetch(`${api.url()}/v1/query?from=2026-01-01&to=2026-02-01&limit=1000`, {
    headers: { authorization: `Bearer ${keys.rk}` },
  });
  return ((await answer.json()) as { rows: Row[] }).rows;
}

const events = 240;
const at = (n: number) => new Date(Date.UTC(2026, 0, 5) + n * 1_000);

/** What a server says about a visitor's nth step: every third comes from an ad, known by its url or by its campaign alone. */
function step(n: number) {
  const page = {
    url: n % 3 === 0 ? "https://shop.example/?utm_source=facebook&utm_medium=cpc" : "https://shop.example/",
  };
  const campaign = { source: "newsletter", medium: "email", name: "spring" };
  return {
    event: n % 2 === 0 ? "viewed" : "bought",
    anonymousId: `visitor-${n % 7}`,
    ...(n % 4 === 0 ? { userId: `user-${n % 7}` } : {}),
    timestamp: at(n),
    properties: { n },
    context: n % 3 === 1 ? { page, campaign } : { page },
  };
}

const origins = [
  { source: "facebook", medium: "paid", campaign: "" },
  { source: "newsletter", medium: "email", campaign: "spring" },
  { source: "direct", medium: "direct", campaign: "" },
];

/** Exactly one row per step, with its ids, time and source. */
function expectEveryStepOnce(rows: Row[]): void {
  const seen = rows.map(({ properties, event_id, ...row }) => {
    expect(event_id).not.toBe("");
    const { event_name, timestamp, anonymous_id, user_id, source, medium, campaign } = row;
    return { n: properties.n, event_name, timestamp, anonymous_id, user_id, source, medium, campaign };
  });
  const expected = Array.from({ length: events }, (_, n) => {
    const { event: event_name, anonymousId: anonymous_id, userId: user_id = null, timestamp } = step(n);
    return { n, event_name, timestamp: timestamp.toISOString(), anonymous_id, user_id, ...origins[n % 3] };
  });
  expect(seen.sort((a, b) => a.n - b.n)).toEqual(expected);
  expect(new Set(rows.map(({ event_id }) => event_id)).size).toBe(events);
}

const faults = (): ProxyFault[] => [503, "cutAfter", "none", 429, "cutBefore", "none", 503, "none", "cutAfter"];

/** Kills the API when some events are through, and starts it again on the same data. */
async function killedInBetween(): Promise<void> {
  const answered = () => proxy.statuses.filter((status) => status === 200).length;
  await vi.waitFor(() => expect(answered()).toBeGreaterThan(0), { timeout: 30_000, interval: 5 });
  await api.stop("SIGKILL");
  await vi.waitFor(() => expect(proxy.statuses).toContain(502), { timeout: 30_000, interval: 5 });
  await api.start();
}

test("@segment/analytics-node: each event once, with restarts, 429 and 503 in between", async () => {
  const project = await createProject();
  proxy.statuses.length = 0;
  proxy.faults.push(...faults());
  const analytics = new Analytics({
    writeKey: project.keys.sk,
    host: proxy.url,
    path: "/segment/v1/batch",
    flushAt: 10,
    flushInterval: 50,
  });
  const failures: unknown[] = [];
  analytics.on("error", (error) => failures.push(error));
  const half = events / 2;
  for (let n = 0; n < half; n++) analytics.track(step(n));
  const killed = killedInBetween();
  await vi.waitFor(() => expect(proxy.statuses).toContain(502), { timeout: 30_000, interval: 5 });
  for (let n = half; n < events; n++) analytics.track(step(n));
  await killed;
  await analytics.closeAndFlush({ timeout: 60_000 });
  expect(failures).toEqual([]);
  // One of them is the proxy's.
  expect(proxy.statuses.filter((status) => status === 429).length).toBeGreaterThan(1);
  expect(proxy.statuses).toEqual(expect.arrayContaining([0, 200, 429, 502, 503]));
  expectEveryStepOnce(await rowsOf(project));
}, 300_000);

test("@rudderstack/rudder-sdk-node: each event once, with restarts, 429 and 503 in between", async () => {
  const project = await createProject();
  proxy.statuses.length = 0;
  proxy.faults.push(...faults());
  const failures: unknown[] = [];
  const rudder = new Rudder(project.keys.sk, {
    dataPlaneUrl: `${proxy.url}/segment`,
    flushAt: 20,
    flushInterval: 50,
    retryCount: 12,
    logLevel: "none",
    errorHandler: (error) => failures.push(error),
  });
  const delivered: Promise<unknown>[] = [];
  const send = (n: number) => delivered.push(new Promise<void>((resolve) => rudder.track(step(n), () => resolve())));
  const half = events / 2;
  for (let n = 0; n < half; n++) send(n);
  const killed = killedInBetween();
  await vi.waitFor(() => expect(proxy.statuses).toContain(502), { timeout: 30_000, interval: 5 });
  for (let n = half; n < events; n++) send(n);
  await killed;
  await Promise.all(delivered);
  expect(failures).toEqual([]);
  expect(proxy.statuses).toEqual(expect.arrayContaining([0, 200, 429, 502, 503]));
  expectEveryStepOnce(await rowsOf(project));
}, 300_000);
