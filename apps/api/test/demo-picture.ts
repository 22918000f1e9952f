import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { apiProcess } from "./api-process.ts";
import { startChromium } from "./chromium.ts";

// Takes the README's picture of the demo shop:  node --conditions=@millimetric/source test/demo-picture.ts
const picture = fileURLToPath(new URL("../../../docs/images/demo.png", import.meta.url));
const dataDir = mkdtempSync(join(tmpdir(), "millimetric-picture-"));
const api = apiProcess(dataDir, { MAX_EVENT_LOOP_DELAY_MS: "60000" });
await api.start();
const browser = await startChromium();
try {
  const context = await browser.newContext({
    userAgent: browser.ordinaryAgent,
    viewport: { width: 1140, height: 680 },
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  const shown = (events: number) => page.waitForSelector(`[data-event-count]:text-is("${events}")`);
  await page.goto(`${api.url()}/demo?utm_source=facebook&utm_medium=cpc&utm_campaign=spring&fbclid=IwAR0demo`);
  await page.click("text=Paper Lantern");
  await page.waitForURL("**/paper-lantern");
  await page.click("[data-add]");
  await shown(3);
  await page.click("text=Come back directly");
  await page.waitForURL("**/demo");
  await page.click("text=Night Ferry");
  await shown(5);
  await page.click("nav >> text=Sign up");
  await page.waitForURL("**/signup");
  await page.click("button[type=submit]");
  await shown(8);
  await page.click("text=Back to the coffee");
  await page.waitForSelector("[data-events] tr:nth-child(9)");
  mkdirSync(join(picture, ".."), { recursive: true });
  await page.screenshot({ path: picture });
} finally {
  await browser.close();
  await api.stop("SIGTERM");
  rmSync(dataDir, { recursive: true, force: true });
}
