import { existsSync } from "node:fs";
import chromium from "@sparticuz/chromium";
import { type Browser, type LaunchOptions, chromium as playwright } from "playwright-core";

/** What tests itself by name is counted as a bot: so pages call themselves an ordinary Chrome, also in requests that outlive them. */
export const ordinaryAgent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36";

export async function launchOptions(): Promise<LaunchOptions & { args: string[] }> {
  return {
    // Without the package's arguments, which turn the rules about origins off. Every name reaches the loopback, and nothing else.
    args: [
      "--no-sandbox",
      "--disable-dev-shm-usage",
      "--host-resolver-rules=MAP * 127.0.0.1",
      `--user-agent=${ordinaryAgent}`,
    ],
    executablePath: await chromium.executablePath(),
  };
}

/** The browser as people have it, where Debian's package is installed: that of the npm package has no back/forward cache, for one. */
export const wholeChromium = ["/usr/bin/chromium"].find(existsSync);

/** A real browser. */
export async function startChromium(more: LaunchOptions = {}): Promise<Browser & { ordinaryAgent: string }> {
  const browser = await playwright.launch({ ...(await launchOptions()), ...more });
  // A busy machine takes its time over a page.
  browser.on("context", (context) => context.setDefaultTimeout(120_000));
  return Object.assign(browser, { ordinaryAgent });
}
