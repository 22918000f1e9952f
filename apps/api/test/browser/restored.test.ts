import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wholeChromium } from "../chromium.ts";
import { open, type Shop, started, startShop } from "./shop.ts";

const missing = wholeChromium === undefined ? " (skipped: needs Debian's chromium; .ci/tools installs it)" : "";

describe.runIf(wholeChromium !== undefined)(`the back/forward cache of a real browser${missing}`, () => {
  let shop: Shop;
  beforeAll(async () => {
    const ignoreDefaultArgs = ["--disable-back-forward-cache"];
    shop = await startShop({ executablePath: wholeChromium ?? "", ignoreDefaultArgs });
  });
  afterAll(() => shop.close());

  test("a page that comes back from it is one pageview, keeps its events, and goes on sending", async () => {
    // So long that nothing is sent but by leaving, arriving and flush.
    shop.attributes = { "flush-interval-ms": "600000" };
    const page = await open(await shop.visitor(), shop.at("/one"));
    await page.evaluate(() => {
      addEventListener("pageshow", ({ persisted }) => Object.assign(window, { persisted }));
      window.mm.track("before");
    });
    await page.goto(shop.at("/two"));
    await started(page);
    await page.goBack({ waitUntil: "commit" });
    await page.waitForFunction(() => (window as unknown as { persisted: unknown }).persisted === true);
    await page.evaluate(() => {
      window.mm.track("after");
      return window.mm.flush();
    });
    const rows = await shop.stored(5);
    expect(rows.map(({ event_name, path }) => [event_name, path])).toEqual([
      ["$pageview", "/one"],
      ["before", "/one"],
      ["$pageview", "/two"],
      ["$pageview", "/one"],
      ["after", "/one"],
    ]);
    expect(new Set(rows.map(({ session_id }) => session_id)).size).toBe(1);
  });
});
