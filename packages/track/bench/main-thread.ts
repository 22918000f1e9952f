import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import chromium from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";

export interface MainThread {
  /** How much slower than this machine the page runs. */
  slowdown: number;
  /** Milliseconds of one `track`: mean, and the slowest of a thousand. */
  mean: number;
  slowest: number;
  /** Milliseconds in which the script is compiled and run, and the first pageview queued. */
  load: number;
  /** Tasks of 50 ms and more from then to a second after the first request was sent. */
  longTasks: number;
}

declare global {
  interface Window {
    mm: { track(event: string, properties: object): void };
  }
}

/** Times `track` and the start in Chromium, as fast as this machine is and slowed down to a cheap phone. */
export async function measureMainThread(script: string, slowdowns: readonly number[]): Promise<MainThread[]> {
  const server = createServer((request, response) => {
    const { url = "" } = request;
    request.resume();
    // Isolated pages have a finer clock.
    const isolated = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
    if (url === "/v1/batch") response.end('{"ok":true,"accepted":1,"rejected":[]}');
    else if (url === "/v1/a.js") response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    else
      response.writeHead(200, { "content-type": "text/html", ...isolated }).end(`<!doctype html><script>
        onload = () => setTimeout(async () => {
          const script = document.createElement("script");
          script.textContent = await (await fetch("/v1/a.js")).text();
          script.dataset.key = "pk_live_abcdefgh_0";
          script.dataset.host = location.origin;
          // Behind the page's own work.
          await new Promise((resolve) => setTimeout(resolve, 500));
          window.long = 0;
          new PerformanceObserver((list) => { long += list.getEntries().length; }).observe({ type: "longtask" });
          const began = performance.now();
          document.head.append(script);
          window.load = performance.now() - began;
        });
      </script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await playwright.launch({
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
    executablePath: await chromium.executablePath(),
  });
  const measured: MainThread[] = [];
  for (const slowdown of slowdowns) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: slowdown });
    const sent = page.waitForRequest("**/v1/batch");
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await sent;
    await page.waitForTimeout(1_000);
    const result = await page.evaluate(async () => {
      const { long, load } = window as unknown as { long: number; load: number };
      const times: number[] = [];
      for (let n = 0; n < 1_000; n++) {
        const at = performance.now();
        window.mm.track("added_to_cart", { sku: `s${n}`, amount_cents: 1_999, currency: "EUR" });
        times.push(performance.now() - at);
        // As a page does: other work between events, and the queue is sent.
        if (n % 10 === 9) await new Promise((resolve) => setTimeout(resolve));
      }
      const sum = times.reduce((total, time) => total + time, 0);
      return { mean: sum / times.length, slowest: Math.max(...times), load, longTasks: long };
    });
    measured.push({ slowdown, ...result });
    await context.close();
  }
  await browser.close();
  server.closeAllConnections();
  server.close();
  return measured;
}
