import chromium from "@sparticuz/chromium";
import { type Browser, chromium as playwright } from "playwright-core";

/** A real browser. Its pages call themselves an ordinary Chrome: what tests itself by name is counted as a bot. */
export async function startChromium(): Promise<Browser & { ordinaryAgent: string }> {
  const browser = await playwright.launch({
    // Without the package's arguments, which turn the rules about origins off. Every name reaches the loopback, and nothing else.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * 127.0.0.1"],
    executablePath: await chromium.executablePath(),
  });
  const ordinaryAgent = `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`;
  return Object.assign(browser, { ordinaryAgent });
}
