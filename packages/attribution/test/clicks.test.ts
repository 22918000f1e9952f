import { expect, test } from "vitest";
import { classify } from "../src/index.ts";
import { realClicks } from "./real-clicks.ts";

const clicks = realClicks
  .split("\n")
  .filter((line) => line.includes(" | "))
  .map((line) => line.split(" | ").map((cell) => (cell === "-" ? "" : cell)));

test.each(clicks)("%s from %s is %s, %s", (query = "", referrer, origin, channel) => {
  const found = classify({ url: `https://www.acme-shop.com/landing${query}`, referrer });
  expect(`${found.source} / ${found.medium} | ${found.channel}`).toBe(`${origin} | ${channel}`);
});

test("nothing at all is direct, with certainty", () => {
  expect(classify({})).toEqual({
    source: "direct",
    medium: "direct",
    campaign: "",
    channel: "Direct",
    confidence: "high",
    rule_id: "direct",
  });
});
