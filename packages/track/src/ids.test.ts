import { idProblem } from "@millimetric/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bornAt, isId, uuid } from "./ids.ts";

test("ids are UUIDv7, rise in the order they are made in, and say when", () => {
  const before = Date.now();
  const ids = Array.from({ length: 2_000 }, uuid);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(bornAt(id)).toBeGreaterThanOrEqual(before);
    expect(bornAt(id)).toBeLessThanOrEqual(Date.now());
  }
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(ids).size).toBe(2_000);
});

test("an id is good here exactly when the API would take it", () => {
  const accidents = [
    "",
    " ",
    "null",
    "undefined",
    "NaN",
    "none",
    "[object Object]",
    "true",
    "false",
    "0",
    "0-0",
    "guest",
  ];
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc
      .tuple(fc.constantFrom(...accidents, "anonymous", "a", "00a"), fc.constantFrom("", " ", "\n", "x"))
      .map((parts) => parts.join("")),
    fc.constantFrom(...accidents).map((accident) => accident.toUpperCase()),
  );
  fc.assert(
    fc.property(text, (id) => isId(id, 1_000) === (idProblem(id) === undefined)),
    { seed: 1, numRuns: 5_000 },
  );
  for (const id of [undefined, null, 7, {}, "x".repeat(129)]) expect(isId(id, 128)).toBe(false);
});
