import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type ApiProcess, apiProcess } from "./api-process.ts";
import { startChromium } from "./chromium.ts";
import { type FaultyProxy, startFaultyProxy } from "./faulty-proxy.ts";
import { adminToken, patient, type TestProject } from "./platform.ts";

// Segment's client for browsers as its package has it, in a real browser; only its host is ours.
const client = readFileSync(
  createRequire(import.meta.url)
    .resolve("@segment/analytics-next")
    .replace("cjs/index.js", "umd/index.js"),
);

let dataDir: string;
let api: ApiProcess;
let proxy: FaultyProxy;
let site: Server;
let siteUrl: string;
let browser: Browser & { ordinaryAgent: string };
let project: TestProject;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "millimetric-segment-browser-"));
  api = apiProcess(dataDir, patient);
  await api.start();
  proxy = await startFaultyProxy(() => api.url());
  site = createServer((request, response) => {
    if (request.url === "/client.js") response.writeHead(200, { "content-type": "text/javascript" }).end(client);
    else
      response
        .writeHead(200, { "content-type": "text/html" })
        .end('<title>Shop</title><script src="/client.js"></script>');
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const created = await fetch(`${api.url()}/admin/v1/projects`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "moved from Segment", allowed_origins: [siteUrl] }),
  });
  project = (await created.json()) as TestProject;
  browser = await startChromium();
});
afterAll(async () => {
  await browser.close();
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
  await proxy.close();
  await api.stop("SIGTERM");
  rmSync(dataDir, { recursive: true, force: true });
});

interface Row {
  event_name: string;
  event_id: string;
  timestamp: string;
  anonymous_id: string;
  user_id: string | null;
  source: string;
  medium: string;
  browser: string;
  title: string;
  properties: { n?: number };
}

async function rows(): Promise<Row[]> {
  const answer = await fetch(`${api.url()}/v1/query?limit=1000`, {
    headers: { authorization: `Bearer ${project.keys.rk}` },
  });
  return ((await answer.json()) as { rows: Row[] }).rows;
}

/** What the client's package puts on the page. */
interface Analytics {
  page(): void;
  track(event: string, properties: object): void;
  identify(id: string, traits: object): void;
}
declare const AnalyticsNext: { AnalyticsBrowser: { load(settings: object): Promise<[Analytics]> } };
declare global {
  interface Window {
    analytics: Analytics;
  }
}

test("@segment/analytics-next in Chromium: each event once, with a restart, 429 and 503 in between", async () => {
  proxy.faults.push("none", 503, "cutAfter", "none", 429, "cutBefore", "none", 503, "cutAfter", 429);
  const context = await browser.newContext({ userAgent: browser.ordinaryAgent });
  const page = await context.newPage();
  const visit = async (path: string) => {
    await page.goto(siteUrl + path);
    await page.evaluate(
      async (settings) => {
        [window.analytics] = await AnalyticsNext.AnalyticsBrowser.load(settings);
      },
      { writeKey: project.keys.pk, cdnURL: `${proxy.url}/segment` },
    );
  };
  const track = (from: number, to: number) =>
    page.evaluate(
      ([first, end]) => {
        for (let n = first; n < end; n++) window.analytics.track("step", { n });
      },
      [from, to] as const,
    );
  const stored = (count: number) =>
    vi.waitFor(async () => expect(await rows()).toHaveLength(count), { timeout: 90_000, interval: 250 });

  const started = Date.now();
  await visit("/?utm_source=facebook&utm_medium=cpc");
  await page.evaluate(() => window.analytics.page());
  await track(0, 20);
  await stored(21);
  // The client keeps what it cannot send, and sends it when the API is back.
  await visit("/account");
  await api.stop("SIGKILL");
  await page.evaluate(() => window.analytics.identify("user_42", { plan: "pro" }));
  await track(20, 40);
  await vi.waitFor(() => expect(proxy.statuses).toContain(502), { timeout: 30_000, interval: 20 });
  await api.start();
  await stored(42);

  const all = await rows();
  expect(new Set(all.map(({ event_id }) => event_id)).size).toBe(42);
  expect(new Set(all.map(({ anonymous_id }) => anonymous_id)).size).toBe(1);
  for (const { timestamp } of all) {
    expect(Date.parse(timestamp)).toBeGreaterThanOrEqual(started);
    expect(Date.parse(timestamp)).toBeLessThanOrEqual(Date.now());
  }
  const named = (name: string) => all.filter(({ event_name }) => event_name === name);
  expect(named("$pageview")).toMatchObject([
    { source: "facebook", medium: "paid", user_id: null, title: "Shop", browser: "Chrome", path: "/" },
  ]);
  expect(named("$identify")).toMatchObject([{ user_id: "user_42", properties: { plan: "pro" } }]);
  const steps = named("step").sort((a, b) => Number(a.properties.n) - Number(b.properties.n));
  expect(steps.map(({ properties }) => properties.n)).toEqual(Array.from({ length: 40 }, (_, n) => n));
  for (const [n, { source, user_id }] of steps.entries())
    expect([n, source, user_id]).toEqual(n < 20 ? [n, "facebook", null] : [n, "direct", "user_42"]);
  expect(proxy.statuses).toEqual(expect.arrayContaining([0, 200, 429, 502, 503]));
}, 240_000);
