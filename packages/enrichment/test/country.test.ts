import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CountryOf, countryCode, openCountries } from "../src/index.ts";
import { mmdb } from "./mmdb.ts";

let folder: string;
let countryOf: CountryOf;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millimetric-country-"));
  const file = join(folder, "country.mmdb");
  const place = (iso_code: string) => ({ country: { iso_code }, continent: { code: "EU" } });
  writeFileSync(
    file,
    mmdb({
      "81.2.69.0/24": place("GB"),
      "89.160.20.112/28": place("SE"),
      "2001:db8:0:0:0:0:0:0/32": place("DE"),
      "10.0.0.0/8": { continent: { code: "EU" } },
      "11.0.0.0/8": place("XX"),
    }),
  );
  countryOf = openCountries(file);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("tells the country of IPv4, IPv6 and mapped addresses", () => {
  expect(countryOf("81.2.69.160")).toBe("GB");
  expect(countryOf("89.160.20.112")).toBe("SE");
  expect(countryOf("89.160.20.127")).toBe("SE");
  expect(countryOf("2001:db8::1")).toBe("DE");
  expect(countryOf("::ffff:81.2.69.160")).toBe("GB");
  expect(countryOf("::FFFF:81.2.69.160")).toBe("GB");
});

test("knows nothing of neighbours, records without a country, and what is no country", () => {
  for (const address of ["81.2.70.0", "89.160.20.128", "2001:db9::1", "10.1.2.3", "11.1.2.3", "127.0.0.1", "::1"])
    expect([address, countryOf(address)]).toEqual([address, ""]);
});

test("never throws, whatever the address", () => {
  const odd = fc.oneof(
    fc.string(),
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV6().map((ip) => `${ip}%eth0`),
    fc.ipV4().map((ip) => `::ffff:${ip}`),
  );
  fc.assert(
    fc.property(odd, (address) => {
      expect(countryOf(address)).toMatch(/^(?:[A-Z]{2})?$/);
    }),
    { seed: 3, numRuns: 2000 },
  );
});

test("says which file is no database", () => {
  const file = join(folder, "note.txt");
  writeFileSync(file, "not a database");
  expect(() => openCountries(file)).toThrow(`${file} is not a MaxMind database`);
  expect(() => openCountries(join(folder, "missing"))).toThrow("ENOENT");
});

test("takes a proxy's country and leaves what is none", () => {
  expect(["DE", "de", " se "].map(countryCode)).toEqual(["DE", "DE", "SE"]);
  expect(["XX", "T1", "", "Germany", "D1", "DE, SE", undefined].map(countryCode)).toEqual(["", "", "", "", "", "", ""]);
});
