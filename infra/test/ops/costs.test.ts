import { expect, test } from "vitest";
import { monthlyCost } from "../../src/costs.ts";
import { grow } from "../../src/ops/grow.ts";
import { sizes } from "../../src/sizes.ts";

const together = (size: keyof typeof sizes) => monthlyCost(sizes[size]).reduce((sum, { usd }) => sum + usd, 0);

test("the sizes cost about what the documentation promises", () => {
  expect(together("dev")).toBeGreaterThan(100);
  expect(together("dev")).toBeLessThan(160);
  expect(together("small")).toBeLessThan(900);
  expect(together("prod")).toBeLessThan(2600);
});

test("twice the replicas cost twice the ClickHouse machines and volumes", () => {
  const cost = (replicas: number) => monthlyCost({ ...sizes.small, replicas });
  for (const index of [0, 1]) expect(cost(4)[index]?.usd).toBeCloseTo(2 * (cost(2)[index]?.usd ?? 0));
});

test("growing adds one replica; a shard only while there is nothing to tear apart", () => {
  const size = { shards: 1, replicas: 2 };
  expect(grow("replicas", size, { beforeTheFirstEvent: false })).toMatchObject({ value: 3 });
  const { value, notes } = grow("shards", size, { beforeTheFirstEvent: true });
  expect(value).toBe(2);
  expect(notes.join()).toContain("cannot be taken away");
  expect(() => grow("shards", size, { beforeTheFirstEvent: false })).toThrow("out of sight of their links");
});
