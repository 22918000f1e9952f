import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { fillStorage, open, type Shop, started, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

/** Uses everything; gives what the calls returned. */
const useAll = (page: Page) =>
  page.evaluate(async () => {
    const { mm } = window;
    const returned = [mm.track("step", { n: 1 }), mm.identify("user_42", { plan: "pro" })];
    mm.logout();
    history.pushState({}, "", "/two");
    await mm.flush();
    return returned.map((value) => typeof value);
  });

const all = ["$pageview", "step", "$identify", "$pageview"];
const namesOf = (rows: { event_name: string }[]) => rows.map(({ event_name }) => event_name);

async function storageDenied(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    if (location.protocol !== "http:") return;
    const deny = () => {
      throw new DOMException("denied", "SecurityError");
    };
    for (const name of ["localStorage", "sessionStorage", "indexedDB"])
      Object.defineProperty(window, name, { get: deny });
    Object.defineProperty(Document.prototype, "cookie", { get: deny, set: deny });
    Object.defineProperty(LockManager.prototype, "request", { value: () => Promise.reject(deny) });
  });
}

test("with storage, cookies and locks denied events are sent all the same, by one visitor in one session", async () => {
  shop.attributes = { cookie: "true" };
  const visitor = await shop.visitor();
  await storageDenied(visitor);
  const page = await open(visitor, shop.at("/one"));
  expect(await useAll(page)).toEqual(["string", "string"]);
  const rows = await shop.stored(4);
  expect(namesOf(rows)).toEqual(all);
  expect(new Set(rows.map((row) => `${row.anonymous_id} ${row.session_id}`)).size).toBe(1);
});

test("with a full storage, too, and the storage stays the page's", async () => {
  const visitor = await shop.visitor();
  await visitor.addInitScript(fillStorage);
  const page = await open(visitor, shop.at("/one"));
  expect(await useAll(page)).toEqual(["string", "string"]);
  expect(namesOf(await shop.stored(4))).toEqual(all);
  expect(await page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith("mm_")))).toEqual([]);
});

test("a corrupt storage is not believed", async () => {
  const visitor = await shop.visitor();
  await visitor.addInitScript(() => {
    if (location.protocol !== "http:") return;
    const year = 365 * 24 * 3_600_000;
    const corrupt = {
      aid: "undefined",
      sid: "[object Object]",
      user: "{",
      wait: String(Date.now() + year),
      q: "",
      q0: "{ not json",
      q1: "null",
      sent1: `${Date.now() + year} x`,
    };
    for (const [name, value] of Object.entries(corrupt))
      if (sessionStorage.length === 0) localStorage.setItem(`mm_${name}`, value);
    sessionStorage.setItem("done", "1");
  });
  const page = await open(visitor, shop.at("/one"));
  expect(await useAll(page)).toEqual(["string", "string"]);
  const rows = await shop.stored(4);
  expect(namesOf(rows)).toEqual(all);
  for (const { anonymous_id, session_id } of rows) expect([anonymous_id.length, session_id.length]).toEqual([36, 36]);
});

test("a page that clears its storage keeps its visitor", async () => {
  const page = await open(await shop.visitor(), shop.at("/one"));
  await shop.stored(1);
  await page.evaluate(() => {
    localStorage.clear();
    window.mm.track("after");
  });
  const [first, second] = await shop.stored(2);
  expect(second?.anonymous_id).toBe(first?.anonymous_id);
});

test("persistence: memory stores nothing", async () => {
  shop.attributes = { persistence: "memory" };
  const page = await open(await shop.visitor(), shop.at("/one"));
  await useAll(page);
  expect(namesOf(await shop.stored(4))).toEqual(all);
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
  expect(await page.evaluate(() => indexedDB.databases())).toEqual([]);
});

test("with persistence: memory what was sent does not stay in the memory", async () => {
  shop.attributes = { persistence: "memory" };
  const page = await open(await shop.visitor(), shop.at("/"));
  const session = await page.context().newCDPSession(page);
  const used = async () => {
    await session.send("HeapProfiler.collectGarbage");
    return (await session.send("Runtime.getHeapUsage")).usedSize;
  };
  await shop.stored(1);
  const before = await used();
  await page.evaluate(async () => {
    for (let n = 1; n <= 1_000; n++) {
      window.mm.track("large", { text: `${Math.random()}`.repeat(300) });
      if (n % 100 === 0) await window.mm.flush();
    }
  });
  await expect.poll(used, { timeout: 60_000 }).toBeLessThan(before + 2_000_000);
});

test("a database of the page's own that is called mm is no error, and optOut leaves it", async () => {
  shop.pages.set(
    "/own",
    (script) => `<!doctype html><script>
      const opening = indexedDB.open("mm", 1);
      opening.onupgradeneeded = () => opening.result.createObjectStore("theirs");
      opening.onsuccess = () => opening.result.close();
    </script>${script}`,
  );
  const page = await open(await shop.visitor(), shop.at("/own"));
  await useAll(page);
  expect(namesOf(await shop.stored(4))).toEqual(all);
  const left = await page.evaluate(
    () =>
      new Promise((resolve) => {
        window.mm.optOut();
        const opening = indexedDB.open("mm");
        opening.onsuccess = () => resolve([...opening.result.objectStoreNames]);
      }),
  );
  expect(left).toEqual(["theirs"]);
});

test("what a content security policy holds back waits for a page that may send", async () => {
  shop.headers = { "content-security-policy": "connect-src 'none'" };
  const page = await open(await shop.visitor(), shop.at("/one"));
  expect(await useAll(page)).toEqual(["string", "string"]);
  expect(shop.proxy.requests).toEqual([]);
  shop.headers = {};
  await page.goto(shop.at("/three"));
  expect(namesOf(await shop.stored(5))).toEqual([...all, "$pageview"]);
});

test("in a sandboxed frame, which has no origin, nothing is stored and nothing throws", async () => {
  shop.attributes = { cookie: "true" };
  shop.pages.set("/outer", () => `<!doctype html><iframe sandbox="allow-scripts" src="/inner"></iframe>`);
  const page = await (await shop.visitor()).newPage();
  await page.goto(shop.at("/outer"));
  const [, inner] = page.frames();
  if (inner === undefined) throw new Error("no frame");
  await started(inner as unknown as Page);
  expect(await inner.evaluate(() => [typeof window.mm.track("step"), typeof window.mm.getAnonymousId()])).toEqual([
    "string",
    "string",
  ]);
  await vi.waitFor(() => expect(shop.proxy.statuses[0]).toBe(403), { timeout: 60_000 });
  expect(await shop.rows()).toEqual([]);
});
