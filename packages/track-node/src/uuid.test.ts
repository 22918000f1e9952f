import { expect, test } from "vitest";
import { uuidv7 } from "./uuid.ts";

const start = Date.UTC(2026, 0, 1);
const msOf = (id: string) => Number.parseInt(id.slice(0, 13).replace("-", ""), 16);

test("ids have the form of a UUIDv7, and the time they were made", () => {
  const id = uuidv7(start);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(msOf(id)).toBe(start);
});

test("each id is greater than the one before: in one millisecond, over many, and when the clock goes back", () => {
  const clock = (n: number) => start + 10 + (n < 20_000 ? 0 : n < 30_000 ? Math.floor(n / 100) : 5 - n);
  const ids = Array.from({ length: 40_000 }, (_, n) => uuidv7(clock(n)));
  expect(ids).toEqual(ids.toSorted());
  expect(new Set(ids).size).toBe(ids.length);
});

test("a burst runs ahead of the clock by no more than it must", () => {
  const at = start + 3_600_000;
  const ids = Array.from({ length: 4_096 * 4 }, () => uuidv7(at));
  // Each millisecond has room for 2,048 ids at least.
  expect(msOf(ids.at(-1) ?? "") - at).toBeLessThanOrEqual(8);
});
