import chromium from "@sparticuz/chromium";
import { type Browser, chromium as playwright } from "playwright-core";

/** Names under these reach the loopback, as if they were on the internet. */
const names = ["*.example.com", "*.example.jp", "*.vercel.app"];

/** A real browser. Its pages call themselves an ordinary Chrome: what tests itself by name is counted as a bot. */
export async function startChromium(): Promise<Browser & { ordinaryAgent: string }> {
  const browser = await playwright.launch({
    // Without its list of arguments: they turn the rules about origins off.
    args: [
      "--no-sandbox",
      "--disable-dev-shm-usage",
      `--host-resolver-rules=${names.map((name) => `MAP ${name} 127.0.0.1`).join(",")}`,
    ],
    executablePath: await chromium.executablePath(),
  });
  const ordinaryAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`;
  return Object.assign(browser, { ordinaryAgent });
}
