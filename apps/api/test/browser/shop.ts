import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, LaunchOptions, Page } from "playwright-core";
import { expect, vi } from "vitest";
import { startChromium } from "../chromium.ts";
import { type FaultyProxy, startFaultyProxy } from "../faulty-proxy.ts";
import { startPlatform, type TestPlatform, type TestProject } from "../platform.ts";
import { bundleSdk } from "./bundle.ts";

/** What `/v1/query` says of an event. */
export interface Row {
  event_id: string;
  event_name: string;
  timestamp: string;
  anonymous_id: string;
  user_id: string | null;
  session_id: string;
  source: string;
  medium: string;
  url: string;
  path: string;
  referrer: string;
  title: string;
  properties: Record<string, unknown>;
  context: Record<string, unknown>;
}

/** A page's HTML; `script` is the tag of the SDK. */
export type Html = (script: string) => string;

/** A site with the SDK on it, in a real browser, before the real API on the embedded engine. */
export interface Shop {
  platform: TestPlatform;
  project: TestProject;
  /** Between the pages and the API, on an origin of its own. */
  proxy: FaultyProxy;
  browser: Browser;
  sdk: { script: string; module: string };
  /** Of a page. Every name reaches this machine; `127.0.0.1` is a secure context, other names are not. */
  at(path: string, host?: string): string;
  /** Attributes of the script's tag beside the key and the host. */
  attributes: Record<string, string>;
  /** By path; all others are a heading under the SDK. */
  pages: Map<string, Html>;
  /** Of every answer of the site. */
  headers: Record<string, string>;
  /** How often each event went over the wire, by id. */
  sent(): Map<string, number>;
  /** A profile of its own: without cookies and storage. */
  visitor(options?: Parameters<Browser["newContext"]>[0]): Promise<BrowserContext>;
  /** What is stored, in the order of the events. */
  rows(): Promise<Row[]>;
  /** Waits until so many events are stored, and gives them. */
  stored(count: number): Promise<Row[]>;
  /** Begins anew with an empty project. @throws what a page saw that it must not see: an exception, an unhandled rejection */
  empty(): Promise<void>;
  close(): Promise<void>;
}

const plain: Html = (script) => `<!doctype html><title>Shop</title>${script}<h1>Shop</h1>`;

export async function startShop(chromium?: LaunchOptions): Promise<Shop> {
  const [platform, sdk, browser] = await Promise.all([startPlatform(), bundleSdk(), startChromium(chromium)]);
  const proxy = await startFaultyProxy(() => platform.url);
  const site = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    const send = (type: string, body: string) => {
      response.writeHead(200, { "content-type": type, ...shop.headers }).end(body);
    };
    if (pathname === "/a.js") return send("text/javascript", sdk.script);
    if (pathname === "/sdk.js") return send("text/javascript", sdk.module);
    const attributes = { key: shop.project.keys.pk, host: proxy.url, "flush-interval-ms": "100", ...shop.attributes };
    const data = Object.entries(attributes).map(([name, value]) => ` data-${name}="${value}"`);
    send("text/html", (shop.pages.get(pathname) ?? plain)(`<script async src="/a.js"${data.join("")}></script>`));
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const { port } = site.address() as AddressInfo;
  const at = (path: string, host = "127.0.0.1") => `http://${host}:${port}${path}`;
  const project = () =>
    platform.project("shop", [at(""), at("", "www.example.com"), at("", "app.example.com"), at("", "shop.example")]);

  async function rows(): Promise<Row[]> {
    const { body } = await platform.ask("GET", "/v1/query?limit=1000&include_bots=true", { key: shop.project.keys.rk });
    return body.rows.toSorted(
      (a: Row, b: Row) => Date.parse(a.timestamp) - Date.parse(b.timestamp) || (a.event_id < b.event_id ? -1 : 1),
    );
  }

  const errors: unknown[] = [];
  const shop: Shop = {
    platform,
    project: await project(),
    proxy,
    browser,
    sdk,
    at,
    attributes: {},
    pages: new Map(),
    headers: {},
    sent() {
      const times = new Map<string, number>();
      for (const { body } of proxy.requests) {
        for (const { event_id } of (JSON.parse(body || "{}") as { events?: Row[] }).events ?? [])
          times.set(event_id, (times.get(event_id) ?? 0) + 1);
      }
      return times;
    },
    async visitor(options) {
      const context = await browser.newContext(options);
      context.on("weberror", (error) => errors.push(error.error()));
      return context;
    },
    rows,
    async stored(count) {
      let found: Row[] = [];
      await vi.waitFor(
        async () => {
          found = await rows();
          if (found.length !== count)
            throw new Error(`${found.length} events, not ${count}: ${found.map(({ event_name }) => event_name)}`);
        },
        { timeout: 60_000, interval: 100 },
      );
      return found;
    },
    async empty() {
      await Promise.all(browser.contexts().map((context) => context.close()));
      shop.attributes = {};
      shop.headers = {};
      shop.pages.clear();
      proxy.faults.length = 0;
      proxy.statuses.length = 0;
      proxy.requests.length = 0;
      shop.project = await project();
      if (errors.length > 0) throw new AggregateError(errors.splice(0), "a page saw an exception");
    },
    async close() {
      await browser.close();
      site.closeAllConnections();
      await new Promise((resolve) => site.close(resolve));
      await proxy.close();
      await platform.close();
    },
  };
  return shop;
}

/** What the SDK puts on the page. */
export type Mm = typeof import("@millimetric/track") & { push(...calls: unknown[][]): void };

declare global {
  interface Window {
    mm: Mm;
  }
}

/** The page with the SDK started. */
export async function open(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await started(page);
  return page;
}

/** As a click on a link: with a referrer. */
export async function follow(page: Page, url: string): Promise<void> {
  await page.evaluate((to) => location.assign(to), url);
  await page.waitForURL(url);
  await started(page);
}

export const started = (page: Page) => page.waitForFunction(() => "init" in (window.mm ?? {}));

/** Leaves a `$pageview` and "old" as a browser that is killed does: in the journal, and not in the storage. */
export async function killed(shop: Shop, visitor: BrowserContext): Promise<void> {
  shop.attributes = { "flush-interval-ms": "600000" };
  shop.proxy.faults.push(...Array(100).fill("cutBefore"));
  const page = await open(visitor, shop.at("/killed"));
  // Before it sends it reads the journal, which is after what was written there.
  await page.evaluate(() => {
    window.mm.track("old");
    return window.mm.flush();
  });
  await page.goto(shop.at("/a.js"));
  await page.evaluate(() => localStorage.clear());
  await page.close();
  shop.attributes = {};
  shop.proxy.faults.length = 0;
}

/** Leaves no room in the page's storage. */
export function fillStorage(): void {
  if (location.protocol !== "http:") return;
  for (let size = 2 ** 23; size >= 1; size /= 2) {
    try {
      for (let n = 0; ; n++) localStorage.setItem(`page-${size}-${n}`, "x".repeat(size));
    } catch {
      // Full for this size.
    }
  }
}

/** Events in the page's storage. */
export const waiting = (page: Page) =>
  page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith("mm_q")).length);

export const emptied = (page: Page) => vi.waitFor(async () => expect(await waiting(page)).toBe(0), { timeout: 60_000 });
