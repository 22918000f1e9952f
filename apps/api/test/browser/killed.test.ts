import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type BrowserContext, chromium } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { launchOptions } from "../chromium.ts";
import { open, type Shop, startShop } from "./shop.ts";

let shop: Shop;
let profile: string;
beforeAll(async () => {
  shop = await startShop();
  profile = mkdtempSync(join(tmpdir(), "millimetric-profile-"));
});
afterAll(async () => {
  await shop.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
});

/** A browser on the profile, as a process of its own. */
async function start(): Promise<{ context: BrowserContext; process: ChildProcess }> {
  const { executablePath = "", args } = await launchOptions();
  const process = spawn(
    executablePath,
    [...args, "--headless", "--remote-debugging-port=0", `--user-data-dir=${profile}`],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  for await (const line of createInterface({ input: process.stderr })) {
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address === undefined) continue;
    const browser = await chromium.connectOverCDP(address);
    const [context] = browser.contexts();
    if (context !== undefined) return { context, process };
  }
  throw new Error("the browser did not start");
}

const journaled = (page: Awaited<ReturnType<typeof open>>) =>
  page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const opening = indexedDB.open("mm_q");
        opening.onsuccess = () => {
          const count = opening.result.transaction("mm_q").objectStore("mm_q").count();
          count.onsuccess = () => {
            opening.result.close();
            resolve(count.result);
          };
        };
      }),
  );

test("a browser that is killed while the API is away loses no event, and its next page doubles none", async () => {
  shop.proxy.faults.push(...Array(1_000).fill("cutBefore"));
  const killed = await start();
  const page = await open(killed.context, shop.at("/before"));
  await page.evaluate(() => {
    for (let n = 0; n < 20; n++) window.mm.track("step", { n });
  });
  await vi.waitFor(async () => expect(await journaled(page)).toBe(21), { timeout: 60_000 });
  const gone = once(killed.process, "exit");
  killed.process.kill("SIGKILL");
  await gone;
  expect(await shop.rows()).toEqual([]);

  shop.proxy.faults.length = 0;
  const next = await start();
  const after = await open(next.context, shop.at("/after"));
  const rows = await shop.stored(22);
  const numbers = rows.flatMap(({ event_name, properties }) => (event_name === "step" ? [properties["n"]] : []));
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, n) => n));
  await vi.waitFor(async () => expect(await journaled(after)).toBe(0), { timeout: 60_000 });

  // Killed right after everything was stored: nothing comes again.
  next.process.kill("SIGKILL");
  await once(next.process, "exit");
  const last = await start();
  await open(last.context, shop.at("/last"));
  await shop.stored(23);
  const exit = once(last.process, "exit");
  last.process.kill("SIGKILL");
  await exit;
});
