import fc from "fast-check";
import { expect, test } from "vitest";
import { createBuckets } from "./token-buckets.ts";

test("one second's worth may be taken at once, then as many as are gained, and it is said when the next one is there", () => {
  let time = 0;
  const { take } = createBuckets({ perSecond: 10, now: () => time });
  const taken = () => Array.from({ length: 20 }, () => take("a")).filter((wait) => wait === 0).length;
  expect(taken()).toBe(10);
  expect(take("a")).toBe(1);
  expect(take("b")).toBe(0);
  time = 500;
  expect(taken()).toBe(5);
  time = 60_000;
  expect(taken()).toBe(10);
});

test("over any time, never more is taken than one second's worth and what was gained", () => {
  const step = fc.record({ ms: fc.integer({ min: 0, max: 400 }), tries: fc.integer({ min: 0, max: 30 }) });
  fc.assert(
    fc.property(fc.array(step), fc.integer({ min: 1, max: 50 }), (steps, perSecond) => {
      let time = 0;
      let taken = 0;
      const { take } = createBuckets({ perSecond, now: () => time });
      for (const { ms, tries } of steps) {
        time += ms;
        for (let n = 0; n < tries; n++) if (take("a") === 0) taken++;
        expect(taken).toBeLessThanOrEqual(perSecond + (time / 1000) * perSecond + 1e-6);
      }
    }),
    { seed: 5 },
  );
});

test("memory is bounded, whoever calls; full buckets go first, and busy ones stay while there is room", () => {
  let time = 0;
  const { take, size } = createBuckets({ perSecond: 2, most: 100, now: () => time });
  for (let n = 0; n < 60; n++) take(`idle-${n}`);
  time = 5_000;
  take("busy");
  take("busy");
  for (let n = 0; n < 60; n++) take(`new-${n}`);
  expect(size()).toBeLessThanOrEqual(100);
  expect(take("busy")).toBe(1);
  for (let n = 0; n < 10_000; n++) take(`flood-${n}`);
  expect(size()).toBeLessThanOrEqual(100);
});
