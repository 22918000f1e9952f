import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { contestants } from "./contestants.ts";

// A process of its own for one contestant:  client.ts name host events
const [name = "", host = "", count = "0"] = process.argv.slice(2);
const events = Number(count);
/** 5,000 events a second. */
const burst = { events: 50, everyMs: 10 };

export interface Cost {
  cpuMs: number;
  /** Of `track` alone: what the caller waits for. */
  trackMs: number;
  startBytes: number;
  peakBytes: number;
  seconds: number;
}

process.on("unhandledRejection", () => {});
const contestant = await contestants[name]?.(host);
if (contestant === undefined) throw new Error(`there is no contestant ${name}`);
await sleep(500);
const startBytes = process.memoryUsage().rss;
const start = performance.now();
const cpu = process.cpuUsage();
let trackMs = 0;
for (let n = 0; n < events; ) {
  const due = start + (n / burst.events) * burst.everyMs;
  const wait = due - performance.now();
  if (wait > 0) await sleep(wait);
  else await new Promise((resolve) => setImmediate(resolve));
  const before = performance.now();
  for (const end = Math.min(events, n + burst.events); n < end; n++) {
    const properties = { n, amount_cents: n % 10_000, currency: "EUR", plan: "pro", path: `/orders/${n}` };
    contestant.track(`user_${n % 5000}`, properties);
  }
  trackMs += performance.now() - before;
}
await contestant.end().catch(() => {});
const { user, system } = process.cpuUsage(cpu);
const cost: Cost = {
  cpuMs: (user + system) / 1000,
  trackMs,
  startBytes,
  peakBytes: process.resourceUsage().maxRSS * 1024,
  seconds: (performance.now() - start) / 1000,
};
process.stdout.write(`${JSON.stringify(cost)}\n`, () => process.exit());
