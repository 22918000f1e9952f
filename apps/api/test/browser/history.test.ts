import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { open, type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const views = (rows: { event_name: string; path: string }[]) =>
  rows.filter(({ event_name }) => event_name === "$pageview").map(({ path }) => path);

test("a load is one pageview, whatever a router does to the history while it starts", async () => {
  const visitor = await shop.visitor();
  shop.pages.set(
    "/spa",
    (script) => `<!doctype html><script>history.replaceState({}, "", location.href)</script>${script}
      <script>onload = () => { history.replaceState({ key: 1 }, ""); history.replaceState({ key: 2 }, "", "/spa?tab=1#top") }</script>`,
  );
  const page = await open(visitor, shop.at("/spa"));
  await page.evaluate(() => window.mm.track("last"));
  expect(views(await shop.stored(2))).toEqual(["/spa"]);
  await visitor.close();
});

test("pushState, replaceState with a new path, back and forward are pageviews, each referred by the one before", async () => {
  const visitor = await shop.visitor();
  const page = await open(visitor, shop.at("/one?utm_source=newsletter&utm_medium=email"));
  await page.evaluate(() => {
    history.pushState({}, "", "/two");
    history.pushState({}, "", "/two"); // the same page
    history.pushState({}, "", "/two?size=1");
    history.replaceState({}, "", "/two?size=2"); // a filter keeps its state
    history.replaceState({}, "", "/three");
    location.hash = "reviews"; // a position on the page
  });
  await page.goBack();
  await page.goBack();
  await page.waitForURL("**/two");
  await page.goForward();
  await page.waitForURL("**/three");
  await page.evaluate(() => window.mm.track("last"));
  const rows = await shop.stored(7);
  expect(views(rows)).toEqual(["/one", "/two", "/two", "/three", "/two", "/three"]);
  expect(rows.map(({ referrer }) => referrer && new URL(referrer).pathname)).toEqual([
    "",
    "/one",
    "/two",
    "/two",
    "/three",
    "/two",
    "/two",
  ]);
  expect(rows.map(({ source }) => source)).toEqual(["newsletter", ...Array(6).fill("internal")]);
  await visitor.close();
});

test("routes in the hash are pages, and no other hash leaves the browser", async () => {
  const visitor = await shop.visitor();
  const page = await open(visitor, shop.at("/app#access_token=secret"));
  await page.evaluate(() => {
    location.hash = "#/cart";
  });
  await page.waitForURL("**/app#/cart");
  await page.evaluate(() => {
    location.hash = "#!/cart/pay?step=2";
  });
  await page.waitForURL("**/pay?step=2");
  const rows = await shop.stored(3);
  expect(views(rows)).toEqual(["/app", "/app#/cart", "/app#!/cart/pay?step=2"]);
  expect(rows[0]?.url).toBe(shop.at("/app"));
  expect(shop.proxy.requests.map(({ body }) => body).join()).not.toContain("secret");
  await visitor.close();
});

test("autoPageview: false leaves pageviews to page()", async () => {
  shop.attributes = { "auto-pageview": "false" };
  const visitor = await shop.visitor();
  const page = await open(visitor, shop.at("/"));
  await page.evaluate(() => {
    history.pushState({}, "", "/two");
    window.mm.page({ layout: "b" });
  });
  expect(await shop.stored(1)).toMatchObject([{ event_name: "$pageview", path: "/two", properties: { layout: "b" } }]);
  await visitor.close();
});

test("a page that comes back from the back/forward cache is a pageview, and goes on sending", async () => {
  const visitor = await shop.visitor();
  const page = await open(visitor, shop.at("/one"));
  await shop.stored(1);
  // The browser of the tests has no such cache: the events that a page gets from it are made here.
  await page.evaluate(() => {
    dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
    dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    window.mm.track("after");
  });
  const rows = await shop.stored(3);
  expect(rows.map(({ event_name }) => event_name)).toEqual(["$pageview", "$pageview", "after"]);
  await visitor.close();
});

test("the page's own calls of the history work as before, also when they throw", async () => {
  const visitor = await shop.visitor();
  const page = await open(visitor, shop.at("/"));
  const thrown = await page.evaluate(() => {
    try {
      history.pushState({}, "", "https://elsewhere.example/");
      return "nothing";
    } catch (error) {
      return (error as Error).name;
    }
  });
  expect(thrown).toBe("SecurityError");
  await page.evaluate(() => history.pushState({ a: 1 }, "", "/b"));
  expect(await page.evaluate(() => history.state)).toEqual({ a: 1 });
  expect(views(await shop.stored(2))).toEqual(["/", "/b"]);
  await visitor.close();
});
