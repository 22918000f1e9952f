import { describe, expect, test } from "vitest";
import { classify, rules } from "../src/index.ts";
import { type Case, ruleCases } from "./rule-cases.ts";

const decide = ({ path, referrer }: Case) =>
  classify({ url: path === undefined ? "https://shop.example.com/" : `https://shop.example.com${path}`, referrer });

describe.each(rules.map(({ id }) => id))("rule %s", (id) => {
  const { hits, misses } = ruleCases[id] ?? { hits: [], misses: [] };

  test("decides what it is for", () => {
    expect(hits).not.toEqual([]);
    for (const [visit, expected] of hits) {
      const { source, medium, confidence, rule_id } = decide(visit);
      expect([visit, rule_id, `${source}/${medium} ${confidence}`]).toEqual([visit, id, expected]);
    }
  });

  test("leaves alone what only looks like it", () => {
    expect(misses).not.toEqual([]);
    for (const visit of misses) expect([visit, decide(visit).rule_id]).not.toEqual([visit, id]);
  });
});

test("every case belongs to a rule, and every rule has its own id", () => {
  const ids = rules.map(({ id }) => id);
  expect(Object.keys(ruleCases).sort()).toEqual([...ids].sort());
  expect(new Set(ids).size).toBe(ids.length);
});
