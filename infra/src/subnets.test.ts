import { expect, test } from "vitest";
import { subnetCidr } from "./subnets.ts";

test("no two subnets of a network overlap", () => {
  const blocks = (["public", "private"] as const).flatMap((kind) =>
    Array.from({ length: 8 }, (_, zone) => subnetCidr("10.20.0.0/16", kind, zone)),
  );
  expect(new Set(blocks).size).toBe(16);
  expect(blocks.every((block) => /^10\.20\.(\d+)\.0\/20$/.test(block))).toBe(true);
});

test("a ninth zone does not fit", () => {
  expect(() => subnetCidr("10.20.0.0/16", "public", 8)).toThrow(/room for 8 zones/);
});
