import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { ProxyFault } from "../faulty-proxy.ts";
import { emptied, killed, open, type Shop, started, startShop, waiting } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const track = (page: Page, from: number, to: number) =>
  page.evaluate(
    ([first, end]) => {
      for (let n = first; n < end; n++) window.mm.track("step", { n });
    },
    [from, to] as const,
  );

const steps = (rows: { event_name: string; properties: object }[]) =>
  rows.flatMap(({ event_name, properties }) => (event_name === "step" ? [(properties as { n: number }).n] : []));

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

test("events travel in batches, without a preflight, each once", async () => {
  const page = await open(await shop.visitor(), shop.at("/"));
  await track(page, 0, 500);
  expect(steps(await shop.stored(501))).toEqual(numbers(500));
  await emptied(page);
  expect(new Set(shop.proxy.requests.map(({ method }) => method))).toEqual(new Set(["POST"]));
  expect(shop.proxy.requests[0]?.contentType).toMatch(/^text\/plain/);
  expect(shop.proxy.requests.length).toBeLessThan(50);
  for (const { body } of shop.proxy.requests) expect(body.length).toBeLessThan(32_000);
  expect([...shop.sent().values()]).toEqual(Array(501).fill(1));
});

test("a tab that is closed at once loses nothing", async () => {
  const visitor = await shop.visitor();
  await visitor.newPage();
  const page = await open(visitor, shop.at("/"));
  await track(page, 0, 20);
  await page.close();
  expect(steps(await shop.stored(21))).toEqual(numbers(20));
});

test("a tab that is hidden sends at once, and not again when it is shown", async () => {
  shop.attributes = { "flush-interval-ms": "600000" };
  const page = await open(await shop.visitor(), shop.at("/"));
  await track(page, 0, 3);
  expect(shop.proxy.requests).toEqual([]);
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  });
  await shop.stored(4);
  await emptied(page);
  expect([...shop.sent().values()]).toEqual([1, 1, 1, 1]);
});

test("what is tracked offline is sent when the network is back", async () => {
  const visitor = await shop.visitor();
  const page = await open(visitor, shop.at("/"));
  await shop.stored(1);
  await visitor.setOffline(true);
  await track(page, 0, 20);
  await page.evaluate(() => window.mm.flush());
  expect(await waiting(page)).toBe(20);
  await visitor.setOffline(false);
  expect(steps(await shop.stored(21))).toEqual(numbers(20));
});

test("what is tracked offline is sent by the next page, when the tab was closed", async () => {
  const visitor = await shop.visitor();
  const other = await visitor.newPage();
  const page = await open(visitor, shop.at("/"));
  await shop.stored(1);
  await emptied(page);
  await visitor.setOffline(true);
  await track(page, 0, 5);
  await page.close();
  await visitor.setOffline(false);
  await other.goto(shop.at("/next"));
  expect(steps(await shop.stored(7))).toEqual(numbers(5));
});

test("what a tab without locks left behind is sent, though the clock was set back since", async () => {
  const visitor = await shop.visitor();
  const page = await visitor.newPage();
  await page.addInitScript(() => {
    const { now } = Date;
    Date.now = () => now() + 20 * 24 * 3_600_000;
    window.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
  });
  await page.goto(shop.at("/ahead", "www.example.com"));
  await started(page);
  await page.close();
  await open(visitor, shop.at("/now", "www.example.com"));
  const rows = await shop.stored(2);
  expect(new Set(rows.map(({ path }) => path))).toEqual(new Set(["/ahead", "/now"]));
});

test("what a browser that was killed had is sent, though the disk is slow at first", async () => {
  const visitor = await shop.visitor();
  await killed(shop, visitor);
  await visitor.addInitScript(() => {
    const { open } = IDBFactory.prototype;
    const released = new Promise((resolve) => Object.assign(window, { release: resolve }));
    IDBFactory.prototype.open = function (...args) {
      const request = open.apply(this, args);
      const set = (heard: () => void) => request.addEventListener("success", () => released.then(heard));
      return Object.defineProperty(request, "onsuccess", { set });
    };
  });
  const page = await open(visitor, shop.at("/next"));
  await shop.stored(1);
  await page.evaluate(async () => {
    (window as unknown as { release(): void }).release();
    await window.mm.flush();
    window.mm.track("more");
  });
  const rows = await shop.stored(4);
  expect(rows.map(({ event_name }) => event_name)).toEqual(["$pageview", "old", "$pageview", "more"]);
});

test.each<[string, ProxyFault[]]>([
  ["an API that is away for a while", Array(3).fill("cutBefore")],
  ["answers that are lost", ["cutAfter", "cutAfter"]],
  ["503", [503, 503]],
])("%s: nothing lost, nothing doubled", async (_, faults) => {
  shop.proxy.faults.push(...faults);
  const page = await open(await shop.visitor(), shop.at("/"));
  await track(page, 0, 50);
  expect(steps(await shop.stored(51))).toEqual(numbers(50));
  await emptied(page);
  expect(shop.proxy.faults).toEqual([]);
});

test("with 429 nothing is sent before Retry-After, by no tab", async () => {
  shop.proxy.faults.push(429);
  const visitor = await shop.visitor();
  const [page, other] = [await open(visitor, shop.at("/")), await visitor.newPage()];
  await vi.waitFor(() => expect(shop.proxy.requests).toHaveLength(1), { timeout: 60_000 });
  await other.goto(shop.at("/other"));
  await track(page, 0, 30);
  expect(steps(await shop.stored(32))).toEqual(numbers(30));
  const [first = 0, second = 0] = shop.proxy.requests.map(({ at }) => at);
  expect(second - first).toBeGreaterThanOrEqual(1_000);
});

test("an event that the API refuses costs no other, and is not sent again", async () => {
  const page = await open(await shop.visitor(), shop.at("/"));
  await page.evaluate(() => {
    let deep: Record<string, unknown> = {};
    for (let level = 0; level < 100; level++) deep = { deep };
    window.mm.track("good", { n: 1 });
    window.mm.track("bad", deep);
    window.mm.track("good", { n: 2 });
  });
  const rows = await shop.stored(3);
  expect(rows.map(({ event_name }) => event_name)).toEqual(["$pageview", "good", "good"]);
  await emptied(page);
  expect([...shop.sent().values()]).toEqual([1, 1, 1, 1]);
});

test("an event with more bytes than a browser sends while a page goes costs no other", async () => {
  const page = await open(await shop.visitor(), shop.at("/"));
  await shop.stored(1);
  await page.evaluate(() => {
    window.mm.track("article", { text: "字".repeat(25_000) });
    window.mm.track("after");
  });
  const rows = await shop.stored(2);
  expect(rows.map(({ event_name }) => event_name)).toEqual(["$pageview", "after"]);
  await emptied(page);
});

test("a request that is refused for good is not sent again", async () => {
  shop.attributes = { key: `pk_live_abcdefgh_${"0".repeat(32)}` };
  const page = await open(await shop.visitor(), shop.at("/"));
  await emptied(page);
  expect(shop.proxy.statuses).toEqual([401]);
});

test("from an origin that the project does not allow nothing is stored, and the page sees no error", async () => {
  const page = await open(await shop.visitor(), shop.at("/", "evil.example"));
  await track(page, 0, 3);
  await vi.waitFor(() => expect(shop.proxy.statuses[0]).toBe(403), { timeout: 60_000 });
  expect(await shop.rows()).toEqual([]);
});

test("text that is no Unicode, NUL, and cycles: what can be stored is, and nothing throws", async () => {
  const page = await open(await shop.visitor(), shop.at("/"));
  const returned = await page.evaluate(() => {
    const cycle: Record<string, unknown> = {};
    cycle["cycle"] = cycle;
    document.title = `${"x".repeat(2047)}😀`;
    window.mm.track("text", { half: "a\ud83d", nul: "b\0", fine: "😀" });
    return [window.mm.track("cycle", cycle), window.mm.track("big", { n: 1n }), window.mm.track("")];
  });
  expect(returned).toEqual([undefined, undefined, undefined]);
  const [, row] = await shop.stored(2);
  expect(row?.properties).toMatchObject({ half: "a\ufffd", nul: "b\ufffd", fine: "😀" });
});

test("the queue is bounded: the oldest make room", async () => {
  const page = await open(await shop.visitor(), shop.at("/"));
  await shop.stored(1);
  await emptied(page);
  shop.proxy.faults.push(...Array(50).fill("cutBefore"));
  const kept = await page.evaluate(() => {
    for (let n = 0; n < 150; n++) window.mm.track("large", { n, text: "x".repeat(10_000) });
    return Object.entries(localStorage).flatMap(([name, json]) => (name.startsWith("mm_q") ? [json.length] : []));
  });
  expect(kept.reduce((sum, length) => sum + length, 0)).toBeLessThanOrEqual(1_000_000);
  expect(kept.length).toBeGreaterThan(80);
  shop.proxy.faults.length = 0;
  const rows = await shop.stored(1 + kept.length);
  expect(rows.at(-1)?.properties["n"]).toBe(149);
});
