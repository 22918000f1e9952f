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

test("growing adds one, and warns of what a shard does not do", () => {
  expect(grow("replicas", { shards: 1, replicas: 2 })).toMatchObject({ value: 3 });
  const { value, notes } = grow("shards", { shards: 1, replicas: 2 });
  expect(value).toBe(2);
  expect(notes.join(" ")).toContain("moves no old data");
});
