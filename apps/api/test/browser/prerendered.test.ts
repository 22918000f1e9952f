import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchOptions } from "../chromium.ts";
import { type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterAll(() => shop.close());

/** A browser that nobody steers opens a page: under a debugger pages are not prerendered. */
async function browse(url: string): Promise<AsyncDisposable> {
  const { executablePath = "", args } = await launchOptions();
  const profile = mkdtempSync(join(tmpdir(), "millimetric-prerendered-"));
  const own = ["--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
  const browser = spawn(executablePath, [...args, ...own, url], { stdio: "ignore" });
  return {
    async [Symbol.asyncDispose]() {
      const gone = once(browser, "exit");
      browser.kill("SIGKILL");
      await gone;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

test("a prerendered page counts when it is shown, and never when it is not", async () => {
  const rules = JSON.stringify({ prerender: [{ urls: ["/shown", "/never"], eagerness: "immediate" }] });
  shop.pages.set(
    "/start",
    (script) => `<!doctype html>${script}<script type="speculationrules">${rules}</script><script>
      setInterval(() => {
        if (!localStorage.loaded_shown || !localStorage.loaded_never || window.left) return;
        window.left = true;
        mm.track("left");
        location.assign("/shown");
      }, 20);
    </script>`,
  );
  for (const name of ["shown", "never"])
    shop.pages.set(
      `/${name}`,
      (script) => `<!doctype html>${script}<script>onload = () => {
        mm.track("loaded", { prerendered: document.prerendering });
        localStorage.loaded_${name} = "yes";
      }</script>`,
    );
  await using _ = await browse(shop.at("/start"));
  const rows = await shop.stored(4);
  expect(rows.map(({ event_name, path, properties }) => [event_name, path, properties["prerendered"]])).toEqual([
    ["$pageview", "/start", undefined],
    ["left", "/start", undefined],
    ["$pageview", "/shown", undefined],
    ["loaded", "/shown", true],
  ]);
});
