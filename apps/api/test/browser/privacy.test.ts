import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { open, type Shop, startShop } from "./shop.ts";

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
  const left = await stored(page);
  expect(left).toEqual({ ...nothing, local: ["mm_out"] });
  const later = await open(visitor, shop.at("/later"));
  await later.evaluate(() => window.mm.flush());
  await Promise.all([page.close(), other.close()]);
  expect(await stored(later)).toEqual({ ...nothing, local: ["mm_out"] });
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
