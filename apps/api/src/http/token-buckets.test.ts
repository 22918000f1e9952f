import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createBuckets } from "./token-buckets.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (ms: number) => vi.advanceTimersByTime(ms);

test("one second's worth may be taken at once, then as many as are gained, and it is said when the next one is there", () => {
  const { take } = createBuckets({ perSecond: 10 });
  const taken = () => Array.from({ length: 20 }, () => take("a")).filter((wait) => wait === 0).length;
  expect(taken()).toBe(10);
  expect(take("a")).toBe(1);
  expect(take("b")).toBe(0);
  pass(500);
  expect(taken()).toBe(5);
  pass(60_000);
  expect(taken()).toBe(10);
});

test("over any time, never more is taken than one second's worth and what was gained", () => {
  const step = fc.record({ ms: fc.integer({ min: 0, max: 400 }), tries: fc.integer({ min: 0, max: 30 }) });
  fc.assert(
    fc.property(fc.array(step), fc.integer({ min: 1, max: 50 }), (steps, perSecond) => {
      let time = 0;
      let taken = 0;
      const { take } = createBuckets({ perSecond });
      for (const { ms, tries } of steps) {
        time += ms;
        pass(ms);
        for (let n = 0; n < tries; n++) if (take("a") === 0) taken++;
        expect(taken).toBeLessThanOrEqual(perSecond + (time / 1000) * perSecond + 1e-6);
      }
    }),
    { seed: 5 },
  );
});

test("memory is bounded, whoever calls; busy buckets stay while idle ones can go", () => {
  const { take, size } = createBuckets({ perSecond: 2, most: 100 });
  take("busy");
  take("busy");
  for (let n = 0; n < 99; n++) take(`idle-${n}`);
  for (let n = 0; n < 90; n++) {
    expect(take("busy")).toBe(1);
    take(`new-${n}`);
  }
  for (let n = 0; n < 10_000; n++) take(`flood-${n}`);
  expect(size()).toBe(100);
});
