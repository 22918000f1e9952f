import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { emptied, fillStorage, killed, open, type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

/** Everything that a site can store in a browser. */
const stored = (page: Page) =>
  page.evaluate(async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: await indexedDB.databases(),
    caches: await caches.keys(),
    cookie: document.cookie,
  }));

const nothing = { local: [], session: [], databases: [], caches: [], cookie: "" };

/** Nothing, but the wish not to be followed. */
const wish = { ...nothing, local: ["mm_out"] };

const forgotten = (page: Page) => expect.poll(() => stored(page), { timeout: 60_000 }).toEqual(wish);

const signal = (context: BrowserContext, name: string, value: unknown) =>
  context.addInitScript(
    ([property, set]) => Object.defineProperty(Navigator.prototype, property as string, { get: () => set }),
    [name, value],
  );

test.each([
  ["globalPrivacyControl", true],
  ["doNotTrack", "1"],
])("with %s there is no request and no storage, also none of what was stored before", async (name, value) => {
  shop.attributes = { cookie: "true" };
  const visitor = await shop.visitor();
  await open(visitor, shop.at("/"));
  await shop.stored(1);
  const requests = shop.proxy.requests.length;

  await signal(visitor, name, value);
  const page = await open(visitor, shop.at("/private"));
  const returned = await page.evaluate(async () => {
    const { mm } = window;
    const made = [mm.track("step"), mm.page(), mm.identify("user_42"), mm.getAnonymousId()];
    mm.setAnonymousId("u_abc");
    mm.reset();
    mm.logout();
    history.pushState({}, "", "/two");
    await mm.flush();
    return made;
  });
  expect(returned).toEqual(Array(4).fill(undefined));
  expect(await stored(page)).toEqual(nothing);
  await page.goto(shop.at("/a.js"));
  expect(await stored(page)).toEqual(nothing);
  expect(shop.proxy.requests).toHaveLength(requests);
});

test("respectPrivacySignals: false is the site's own decision", async () => {
  shop.attributes = { "respect-privacy-signals": "false" };
  const visitor = await shop.visitor();
  await signal(visitor, "globalPrivacyControl", true);
  await open(visitor, shop.at("/"));
  await shop.stored(1);
});

test("optOut removes what was stored, on every tab and for later visits; optIn takes it back with a new visitor", async () => {
  shop.attributes = { cookie: "true", "flush-interval-ms": "600000" };
  const visitor = await shop.visitor();
  const [page, other] = [await open(visitor, shop.at("/")), await open(visitor, shop.at("/other"))];
  const before = await page.evaluate(() => window.mm.getAnonymousId());
  await page.evaluate(() => {
    window.mm.identify("user_42");
    window.mm.optOut();
    window.mm.track("step");
  });
  await other.evaluate(() => window.mm.track("step"));
  await forgotten(page);
  const later = await open(visitor, shop.at("/later"));
  await later.evaluate(() => window.mm.flush());
  await Promise.all([page.close(), other.close()]);
  await forgotten(later);
  expect(shop.proxy.requests).toEqual([]);

  await later.evaluate(() => {
    window.mm.optIn();
    window.mm.optIn();
    return window.mm.flush();
  });
  const [row] = await shop.stored(1);
  expect(row).toMatchObject({ event_name: "$pageview", path: "/later", user_id: null });
  expect(row?.anonymous_id).not.toBe(before);
});

test("optIn on another tab than optOut makes a new visitor, too", async () => {
  const visitor = await shop.visitor();
  const [page, other] = [await open(visitor, shop.at("/")), await open(visitor, shop.at("/other"))];
  const before = await page.evaluate(() => window.mm.getAnonymousId());
  await page.evaluate(() => window.mm.optOut());
  await forgotten(other);
  const after = await other.evaluate(() => {
    window.mm.optIn();
    return window.mm.getAnonymousId();
  });
  expect(after).toMatch(/./);
  expect(after).not.toBe(before);
});

test("a tab that was busy while another opted out leaves nothing behind, and sends nothing of it after optIn", async () => {
  shop.attributes = { "flush-interval-ms": "600000", cookie: "true" };
  const visitor = await shop.visitor();
  const [page, busy] = [await open(visitor, shop.at("/")), await open(visitor, shop.at("/busy"))];
  await busy.route("**/wait", async (route) => {
    await page.evaluate(() => window.mm.optOut());
    await forgotten(page);
    await route.fulfill();
  });
  const late = await busy.evaluate(() => {
    const request = new XMLHttpRequest();
    request.open("GET", "/wait", false);
    request.send();
    return window.mm.track("late");
  });
  expect(late).toMatch(/./);
  await forgotten(busy);
  await page.evaluate(() => {
    window.mm.optIn();
    return window.mm.flush();
  });
  const [row] = await shop.stored(1);
  expect(row).toMatchObject({ event_name: "$pageview", path: "/" });
});

test("optOut is kept though the storage is full", async () => {
  const visitor = await shop.visitor();
  const page = await open(visitor, shop.at("/"));
  await shop.stored(1);
  await emptied(page);
  await page.evaluate(fillStorage);
  await page.evaluate(() => window.mm.optOut());
  const next = await open(visitor, shop.at("/next"));
  expect(await next.evaluate(() => window.mm.track("followed"))).toBe(undefined);
});

test.each(["abort", "continue"] as const)("optOut while a request is under way leaves nothing (%s)", async (how) => {
  const visitor = await shop.visitor();
  const held = Promise.withResolvers<void>();
  await visitor.route("**/v1/batch", async (route) => {
    await held.promise;
    await route[how]();
  });
  const came = visitor.waitForEvent("request", (request) => request.url().endsWith("/v1/batch"));
  const page = await open(visitor, shop.at("/"));
  await came;
  const flushing = await page.evaluateHandle(() => {
    const end = window.mm.flush();
    window.mm.optOut();
    return { end };
  });
  await forgotten(page);
  held.resolve();
  await flushing.evaluate(({ end }) => end);
  expect(await stored(page)).toEqual(wish);
});

test("what a browser that was killed had does not come back when its visitor opts out while it is read", async () => {
  const visitor = await shop.visitor();
  await killed(shop, visitor);
  await visitor.addInitScript(() => {
    const { getAll } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.getAll = function (...args) {
      IDBObjectStore.prototype.getAll = getAll;
      this.transaction.addEventListener("complete", () => setTimeout(() => Object.assign(window, { isRead: true })));
      window.mm.optOut();
      return getAll.apply(this, args);
    };
  });
  const page = await open(visitor, shop.at("/next"));
  await page.waitForFunction(() => "isRead" in window);
  await forgotten(page);
  await page.evaluate(() => {
    window.mm.optIn();
    return window.mm.flush();
  });
  const [row] = await shop.stored(1);
  expect(row).toMatchObject({ event_name: "$pageview", path: "/next" });
});

test("optOut removes everything also after a write failed, as on a full disk", async () => {
  shop.attributes = { "flush-interval-ms": "600000" };
  const page = await open(await shop.visitor(), shop.at("/"));
  await page.evaluate(async () => {
    const { transaction } = IDBDatabase.prototype;
    const aborted = new Promise((resolve) => {
      IDBDatabase.prototype.transaction = function (...args) {
        IDBDatabase.prototype.transaction = transaction;
        const failing = transaction.apply(this, args);
        failing.addEventListener("abort", resolve);
        queueMicrotask(() => failing.abort());
        return failing;
      };
    });
    window.mm.track("large");
    await aborted;
    window.mm.optOut();
  });
  await forgotten(page);
});

test("what a tab hears late of another, after optOut, is not stored", async () => {
  shop.attributes = { "flush-interval-ms": "600000", cookie: "true" };
  const visitor = await shop.visitor();
  const [page, other] = [await open(visitor, shop.at("/")), await open(visitor, shop.at("/other"))];
  const id = await page.evaluate(() => window.mm.getAnonymousId() ?? "");
  await page.evaluate(() => window.mm.optOut());
  await forgotten(other);
  // Made at the same time, and less: tabs agree on it.
  const older = `${id.slice(0, -12)}${"0".repeat(12)}`;
  await other.evaluate((newValue) => dispatchEvent(new StorageEvent("storage", { key: "mm_aid", newValue })), older);
  expect(await stored(other)).toEqual(wish);
});
