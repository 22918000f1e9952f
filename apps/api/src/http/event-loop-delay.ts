import { monitorEventLoopDelay } from "node:perf_hooks";

/** Milliseconds. */
const sampleEvery = 500;
const resolution = 10;

/** Watches by how much this process is late for its own timers. */
export function watchEventLoop(): { delayMs(): number; stop(): void } {
  const histogram = monitorEventLoopDelay({ resolution });
  histogram.enable();
  let delayMs = 0;
  const timer = setInterval(() => {
    // Without a sample in all this time nothing is known yet: the sample of what held it up comes next.
    if (histogram.count === 0) return;
    delayMs = Math.max(0, histogram.mean / 1e6 - resolution);
    histogram.reset();
  }, sampleEvery).unref();
  return {
    delayMs: () => delayMs,
    stop() {
      clearInterval(timer);
      histogram.disable();
    },
  };
}
