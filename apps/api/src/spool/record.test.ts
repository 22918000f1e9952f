import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeRecords, encodeRecord, type SpoolRecord } from "./record.ts";

const record: fc.Arbitrary<SpoolRecord> = fc.record({
  at: fc.nat(),
  token: fc.option(fc.uuid()),
  // Rows are lines of JSON: never empty, and without a line break.
  lines: fc.array(
    fc.string({ unit: "grapheme" }).map((text) => JSON.stringify({ text })),
    { minLength: 1, maxLength: 4 },
  ),
});
const records = fc.array(record, { minLength: 1, maxLength: 5 });
const file = (all: readonly SpoolRecord[]) => Buffer.concat(all.map(encodeRecord));
const plain = (decoded: ReturnType<typeof decodeRecords>) => decoded.records.map(({ end: _, ...rest }) => rest);

test("what was appended is what is read", () => {
  fc.assert(
    fc.property(records, (all) => {
      const decoded = decodeRecords(file(all));
      expect(plain(decoded)).toEqual(all);
      expect(decoded).toMatchObject({ wholeBytes: file(all).length, damagedBytes: 0 });
    }),
    { seed: 1 },
  );
});

test("cut at every byte of the last record, all records before it are there, and the tail is none of them", () => {
  fc.assert(
    fc.property(records, (all) => {
      const whole = file(all);
      const before = file(all.slice(0, -1)).length;
      for (let cut = before; cut < whole.length; cut++) {
        const decoded = decodeRecords(whole.subarray(0, cut));
        expect(plain(decoded)).toEqual(all.slice(0, -1));
        expect(decoded).toMatchObject({ wholeBytes: before, damagedBytes: 0 });
      }
    }),
    { seed: 2, numRuns: 30 },
  );
});

test("one flipped bit costs at most the record that it is in", () => {
  fc.assert(
    fc.property(records, fc.nat(), fc.integer({ min: 0, max: 7 }), (all, where, bit) => {
      const damaged = file(all);
      const at = where % damaged.length;
      damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
      const hit = all.findIndex((_, index) => file(all.slice(0, index + 1)).length > at);
      const expected = all.filter((_, index) => index !== hit);
      const decoded = decodeRecords(damaged);
      expect(plain(decoded)).toEqual(expected);
      const length = encodeRecord(all[hit] as SpoolRecord).length;
      const into = at - file(all.slice(0, hit)).length;
      // Without its magic number or its length the last record is like a torn one.
      const isTold = hit < all.length - 1 || into >= 8;
      expect(isTold ? [length] : [0, length]).toContain(decoded.damagedBytes);
    }),
    { seed: 3, numRuns: 300 },
  );
});

test("no bytes whatever make it throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      decodeRecords(Buffer.concat([Buffer.from("MMS1"), bytes]));
    }),
    { seed: 4 },
  );
});
