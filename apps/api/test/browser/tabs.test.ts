import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { emptied, open, type Shop, started, startShop, waiting } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

const burst = (page: Page) =>
  page.evaluate(() => {
    for (let n = 0; n < 20; n++) window.mm.track("step", { n, tab: location.pathname });
  });

test.each([
  [2, "127.0.0.1"],
  [5, "127.0.0.1"],
  [2, "www.example.com"],
  [5, "www.example.com"],
])("%i tabs at once on %s are one visitor in one session, and each event is sent once", async (count, host) => {
  shop.attributes = { "flush-interval-ms": "1000" };
  const visitor = await shop.visitor();
  const pages = await Promise.all(Array.from({ length: count }, () => visitor.newPage()));
  // All at once, by a visitor who was never here.
  await Promise.all(pages.map((page, n) => page.goto(shop.at(`/${n}`, host))));
  await Promise.all(pages.map(started));
  await Promise.all(pages.map(burst));
  const rows = await shop.stored(count * 21);
  expect(new Set(rows.map(({ anonymous_id }) => anonymous_id)).size).toBe(1);
  expect(new Set(rows.map(({ session_id }) => session_id)).size).toBe(1);
  expect([...shop.sent().values()]).toEqual(Array(count * 21).fill(1));
});

test("what a tab leaves behind is sent by another", async () => {
  const visitor = await shop.visitor();
  const other = await open(visitor, shop.at("/stays"));
  await shop.stored(1);
  shop.proxy.faults.push("cutBefore");
  const page = await open(visitor, shop.at("/goes"));
  await vi.waitFor(() => expect(shop.proxy.faults).toEqual([]), { timeout: 60_000 });
  await page.close({ runBeforeUnload: false });
  expect((await shop.stored(2)).map(({ path }) => path)).toEqual(["/stays", "/goes"]);
  expect(other.isClosed()).toBe(false);
});

test("what another tab sends makes room: however many went that way, the next ones wait their turn", async () => {
  const visitor = await shop.visitor();
  await open(visitor, shop.at("/sends"));
  shop.attributes = { "flush-interval-ms": "600000", "flush-batch-size": "1000" };
  const writes = await open(visitor, shop.at("/writes"));
  // More than may wait at once.
  for (let round = 0; round < 3; round++) {
    await writes.evaluate(() => {
      for (let n = 0; n < 40; n++) window.mm.track("large", { text: "x".repeat(10_000) });
    });
    await emptied(writes);
  }
  shop.proxy.faults.push(...Array(50).fill("cutBefore"));
  await burst(writes);
  expect(await waiting(writes)).toBe(20);
  shop.proxy.faults.length = 0;
  await shop.stored(2 + 3 * 40 + 20);
});

test("visitors that the site names itself stay who they are, however close their names are", async () => {
  const visitor = await shop.visitor();
  const pages = [await open(visitor, shop.at("/one")), await open(visitor, shop.at("/two"))];
  for (const [n, page] of pages.entries())
    await page.evaluate((id) => {
      window.mm.setAnonymousId(id);
      window.mm.track("named", { id });
    }, `100${n}`);
  const named = (await shop.stored(4)).filter(({ event_name }) => event_name === "named");
  expect(named.map(({ anonymous_id }) => anonymous_id)).toEqual(["1000", "1001"]);
  for (const page of pages) await expect.poll(() => page.evaluate(() => window.mm.getAnonymousId())).toBe("1001");
});

test("a session goes on for half an hour after its last event in any tab, and then another begins", async () => {
  const visitor = await shop.visitor();
  await visitor.clock.install({ time: Date.now() - 3 * 3_600_000 });
  const page = await open(visitor, shop.at("/one"));
  await visitor.clock.fastForward("29:00");
  const other = await open(visitor, shop.at("/two"));
  await visitor.clock.fastForward("29:00");
  await page.evaluate(() => window.mm.track("still"));
  await visitor.clock.fastForward("31:00");
  await other.evaluate(() => window.mm.track("later"));
  await visitor.clock.fastForward("01:00");
  const rows = await shop.stored(4);
  const of = (name: string, at: string) =>
    rows.find(({ event_name, path }) => event_name === name && path === at)?.session_id;
  const first = of("$pageview", "/one");
  expect([of("$pageview", "/two"), of("still", "/one")]).toEqual([first, first]);
  expect(of("later", "/two")).not.toBe(first);
});
