import fc from "fast-check";
import { expect, test } from "vitest";
import { createSealer } from "./sealed.ts";

const sealer = createSealer("pepper-of-the-tests", "tests");

test("opens what it sealed, and shows it to nobody else", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (text, owner) => {
      const wellFormed = text.toWellFormed();
      const sealed = sealer.seal(wellFormed, owner);
      expect(sealer.open(sealed, owner)).toBe(wellFormed);
      expect(sealer.open(sealed, `${owner}x`)).toBeUndefined();
      expect(createSealer("another-pepper", "tests").open(sealed, owner)).toBeUndefined();
      expect(createSealer("pepper-of-the-tests", "other").open(sealed, owner)).toBeUndefined();
    }),
    { seed: 1 },
  );
});

test("seals the same text differently each time", () => {
  expect(sealer.seal("secret", "p")).not.toBe(sealer.seal("secret", "p"));
});

test("opens nothing that was changed or cut off, byte by byte", () => {
  const sealed = Buffer.from(sealer.seal("secret", "p"), "base64");
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(sealer.open(changed.toString("base64"), "p")).toBeUndefined();
    expect(sealer.open(sealed.subarray(0, at).toString("base64"), "p")).toBeUndefined();
  }
});
