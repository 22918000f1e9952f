import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { aliases } from "../src/data/aliases.ts";
import { clickIds } from "../src/data/click-ids.ts";
import { crossNetworkMediums, displayMediums, paidMediums, paidWords } from "../src/data/mediums.ts";
import { classify, RULES_VERSION, rules } from "../src/index.ts";
import { siteTables } from "../src/sites.ts";
import { realClicks } from "./real-clicks.ts";
import { ruleCases } from "./rule-cases.ts";

/** What the rules of this version know and say. A digest that changed asks for the next RULES_VERSION. */
const recorded = { version: 2, digest: "a6a957515b0faf36" };

test("RULES_VERSION rises with every change of a rule, a table or the list of public suffixes", () => {
  const said = [
    ...Object.values(ruleCases).flatMap(({ hits, misses }) => [...hits.map(([visit]) => visit), ...misses]),
    ...realClicks.split("\n").map((line) => ({ path: line.split(" | ")[0], referrer: line.split(" | ")[1] })),
  ].map(({ path = "", referrer }) => classify({ url: `https://shop.example.com/${path}`, referrer }));
  const tldts = JSON.parse(
    readFileSync(new URL("../node_modules/tldts/package.json", import.meta.url), "utf8"),
  ).version;
  const mediums = [paidMediums, paidWords, displayMediums, crossNetworkMediums].map((set) => [...set]);
  const known = [rules.map(({ id }) => id), siteTables, clickIds, aliases, mediums, said, tldts];
  const digest = createHash("sha256").update(JSON.stringify(known)).digest("hex").slice(0, 16);
  expect({ version: RULES_VERSION, digest }).toEqual(recorded);
});
