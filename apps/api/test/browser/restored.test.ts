import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { wholeChromium } from "../chromium.ts";
import { type Row, type Shop, startShop } from "./shop.ts";
import { browse } from "./unsteered.ts";

const missing = wholeChromium === undefined ? " (skipped: needs Debian's chromium; .ci/tools installs it)" : "";

describe.runIf(wholeChromium !== undefined)(`the back/forward cache of a real browser${missing}`, () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
  });
  afterAll(() => shop.close());

  test("a page that comes back from it is one pageview, keeps its events, and goes on sending", async () => {
    // So long that nothing is sent but by leaving, arriving and flush.
    shop.attributes = { "flush-interval-ms": "600000" };
    // A busy browser may load a page anew instead: then the visitor leaves it again, later each time.
    shop.pages.set(
      "/one",
      (script) => `<!doctype html>${script}<script>
        const tries = sessionStorage.tries = 1 + Number(sessionStorage.tries ?? 0);
        const end = (name, properties) => { mm.track(name, properties); mm.flush(); };
        onpageshow = ({ persisted }) => setTimeout(() => {
          if (persisted) return end("after");
          const [{ notRestoredReasons }] = performance.getEntriesByType("navigation");
          if (tries > 10) return end("never restored", { because: JSON.stringify(notRestoredReasons) });
          mm.track("before");
          location.assign("/two");
        }, (tries - 1) * 200);
      </script>`,
    );
    shop.pages.set(
      "/two",
      (script) => `<!doctype html>${script}<script>onpageshow = () => setTimeout(() => history.back())</script>`,
    );
    await using _ = await browse(shop.at("/one"), wholeChromium);
    let rows: Row[] = [];
    await vi.waitFor(
      async () => {
        rows = await shop.rows();
        expect(["after", "never restored"]).toContain(rows.at(-1)?.event_name);
      },
      { timeout: 120_000, interval: 100 },
    );
    const there = [
      ["$pageview", "/one"],
      ["before", "/one"],
      ["$pageview", "/two"],
    ];
    const tries = rows.filter(({ event_name }) => event_name === "before").length;
    expect(
      rows.map(({ event_name, path }) => [event_name, path]),
      JSON.stringify(rows.at(-1)?.properties),
    ).toEqual([...Array(tries).fill(there).flat(), ["$pageview", "/one"], ["after", "/one"]]);
    expect(new Set(rows.map(({ session_id }) => session_id)).size).toBe(1);
  });
});
