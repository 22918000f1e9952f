import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { open, type Shop, started, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

test("calls from before the script is there are not lost, and a page that has it twice has one SDK", async () => {
  shop.pages.set(
    "/early",
    (script) => `<!doctype html>
      <script>(window.mm = window.mm || []).push(["track", "early", { n: 1 }], ["identify", "user_42"]);</script>
      ${script}${script}
      <script>(window.mm = window.mm || []).push(["track", "between", { n: 2 }]);</script>`,
  );
  const page = await open(await shop.visitor(), shop.at("/early"));
  await page.evaluate(() => window.mm.push(["track", "late"], ["no_such_method"]));
  const rows = await shop.stored(5);
  expect(rows.map(({ event_name, user_id }) => [event_name, user_id])).toEqual([
    ["$pageview", null],
    ["early", null],
    ["$identify", "user_42"],
    ["between", "user_42"],
    ["late", "user_42"],
  ]);
});

test("the module does what was called before init, once, however often init is called", async () => {
  const options = JSON.stringify({ key: shop.project.keys.pk, host: `${shop.proxy.url}/`, flushIntervalMs: 100 });
  shop.pages.set(
    "/module",
    () => `<!doctype html><script type="module">
      import * as mm from "/sdk.js";
      mm.track("early", { n: 1 });
      mm.init(${options});
      mm.init(${options}).track("typed");
      window.mm = mm;
    </script>`,
  );
  const page = await (await shop.visitor()).newPage();
  await page.goto(shop.at("/module"));
  await started(page);
  expect((await shop.stored(3)).map(({ event_name }) => event_name)).toEqual(["$pageview", "early", "typed"]);
});

test("what a page does before a late init is kept, also when it is much", async () => {
  const options = JSON.stringify({ key: shop.project.keys.pk, host: shop.proxy.url, flushIntervalMs: 100 });
  shop.pages.set(
    "/module",
    () => `<!doctype html><script type="module">
      import * as mm from "/sdk.js";
      for (let n = 0; n < 150; n++) mm.track("early", { n });
      mm.init(${options});
      window.mm = mm;
    </script>`,
  );
  await open(await shop.visitor(), shop.at("/module"));
  await shop.stored(151);
});

test("events carry the page, where the visitor is and what sent them", async () => {
  const page = await open(
    await shop.visitor({ locale: "de-DE", timezoneId: "Europe/Berlin", viewport: { width: 800, height: 600 } }),
    shop.at("/shoes?utm_source=google&utm_medium=cpc&gclid=abc#size"),
  );
  await page.evaluate(() => window.mm.track("viewed", { sku: "s1" }));
  const [view, viewed] = await shop.stored(2);
  expect(view).toMatchObject({ title: "Shop", path: "/shoes", source: "google", medium: "paid" });
  expect(viewed).toMatchObject({ properties: { sku: "s1", gclid: "abc" } });
  const [event] = JSON.parse(shop.proxy.requests[0]?.body ?? "{}").events;
  expect(event.context).toMatchObject({
    locale: "de-DE",
    timezone: "Europe/Berlin",
    viewport: "800x600",
    library: { name: "@millimetric/track" },
  });
});

test("an init without a key only warns", async () => {
  shop.attributes = { key: "" };
  const page = await (await shop.visitor()).newPage();
  const warnings: string[] = [];
  page.on("console", (message) => warnings.push(message.text()));
  await page.goto(shop.at("/"));
  await started(page);
  await page.evaluate(() => {
    window.mm.init({} as never);
    window.mm.track("nowhere");
    return window.mm.flush();
  });
  expect(warnings.join()).toContain("init needs a key");
  expect(shop.proxy.requests).toEqual([]);
});
