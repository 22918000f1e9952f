import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { campaignParameters, channels, classify, normalizeSource, rules } from "../src/index.ts";
import { maxLength } from "../src/location.ts";

/** Pieces that addresses are broken with: half of an escape, lone surrogates, controls, nested addresses, look-alikes. */
const odd = fc.constantFrom(
  ..."://|//|?|#|&|=|%|%zz|%00|%e0%a4|@|:|:99999999|[|]|[::1]|\\|..|.|+|;|&amp;|{{x}}|utm_source|utm_medium|utm_|gclid".split(
    "|",
  ),
  ..."fbclid|https://|android-app://|ios-app://|javascript:|data:|blob:|google.com|www.|xn--|é|ß|ſ|K|İ|__proto__".split(
    "|",
  ),
  ..."constructor|toString|\u0000|\u007f|\u200b|\ud800|\udfff|\u{1f600}| |\t|\n|a|A|1|localhost|co.uk|?utm_source=".split(
    "|",
  ),
);
const oddText = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .array(fc.oneof(odd, fc.string({ unit: "binary", maxLength: 6 })), { maxLength: 40 })
      .map((parts) => parts.join("")),
  },
  {
    weight: 2,
    arbitrary: fc.array(odd, { maxLength: 20 }).map((parts) => `https://shop.example.com/?${parts.join("")}`),
  },
  { weight: 1, arbitrary: fc.webUrl({ withFragments: true, withQueryParameters: true }) },
  {
    weight: 1,
    arbitrary: fc.tuple(odd, fc.integer({ min: 1, max: 20_000 })).map(([part, times]) => part.repeat(times)),
  },
);
const run = { seed: 41, numRuns: 2000 };
const ids = new Set(rules.map(({ id }) => id));

test("never throws, and answers within bounds, whatever the strings hold", () => {
  fc.assert(
    fc.property(oddText, oddText, (url, referrer) => {
      const found = classify({ url, referrer });
      expect(ids).toContain(found.rule_id);
      expect(channels).toContain(found.channel);
      expect(found.source).not.toBe("");
      expect(found.medium).not.toBe("");
      expect(Math.max(found.source.length, found.medium.length, found.campaign.length)).toBeLessThanOrEqual(256);
    }),
    run,
  );
});

test("what is well-formed text stays so, wherever it is cut", () => {
  fc.assert(
    fc.property(oddText, fc.integer({ min: 1, max: 1100 }), (text, room) => {
      const value = `${"v".repeat(room)}\u{1f600}`;
      const url = `https://a.example/?utm_source=${value}&utm_medium=${value}&utm_campaign=${value}&x=${text.toWellFormed()}`;
      const found = { ...classify({ url, referrer: text.toWellFormed() }), ...campaignParameters(url) };
      for (const one of Object.values(found)) expect(one.isWellFormed()).toBe(true);
    }),
    run,
  );
});

test("the same visit always comes out the same", () => {
  fc.assert(
    fc.property(oddText, oddText, (url, referrer) => {
      expect(classify({ url, referrer })).toEqual(classify({ url, referrer }));
    }),
    { ...run, numRuns: 300 },
  );
});

test("a normalised source is its own normal form", () => {
  fc.assert(
    fc.property(oddText, (text) => {
      const once = normalizeSource(text);
      expect(normalizeSource(once)).toBe(once);
    }),
    run,
  );
});

test("work is bounded: nothing beyond the first 8192 code units of either address is looked at", () => {
  fc.assert(
    fc.property(oddText, oddText, fc.string({ maxLength: 50 }), (url, referrer, tail) => {
      const [a, b] = [
        url.padEnd(maxLength, "x").slice(0, maxLength),
        referrer.padEnd(maxLength, "x").slice(0, maxLength),
      ];
      expect(classify({ url: a + tail, referrer: b + tail })).toEqual(classify({ url: a, referrer: b }));
    }),
    { ...run, numRuns: 300 },
  );
});

test("work is bounded: at most 64 parameters of at most 1024 code units are kept", () => {
  const many = Array.from({ length: 500 }, (_, i) => `utm_p${i}=v`).join("&");
  expect(Object.keys(campaignParameters(`https://a.example/?${many}`))).toHaveLength(64);
  expect(campaignParameters(`https://a.example/?utm_source=${"v".repeat(5000)}`)["utm_source"]).toHaveLength(1024);
});

test("no regular expression can go back over its input: no repeated group, back-reference or look-around", () => {
  const folder = new URL("../src/", import.meta.url);
  const patterns = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => [
      ...readFileSync(new URL(file, folder), "utf8").matchAll(
        /[=(:,]\s*\/(?![/*])((?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\\n[])+)\/[a-z]*/g,
      ),
    ])
    .map(([, source = ""]) => source);
  expect(patterns.length).toBeGreaterThan(5);
  for (const source of patterns) {
    const bare = source.replace(/\\./g, "e").replace(/\[[^\]]*\]/g, "c");
    expect(bare).not.toMatch(/\)[*+{]|\(\?[=!<]|\\\d|\\k/);
    expect(() => new RegExp(source)).not.toThrow();
  }
});
