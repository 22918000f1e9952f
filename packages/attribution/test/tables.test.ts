import { expect, test } from "vitest";
import { clickIds } from "../src/data/click-ids.ts";
import { classify, normalizeSource } from "../src/index.ts";
import { kindOfSource, siteOf, siteOfApp, siteTables } from "../src/sites.ts";

const entries = siteTables.flatMap(([kind, table]) =>
  Object.entries(table).flatMap(([name, text]) =>
    text
      .trim()
      .split(/\s+/)
      .map((entry) => ({ kind, name, entry })),
  ),
);

function find(entry: string) {
  if (entry.startsWith("app:")) return siteOfApp(entry.slice(4));
  const [host = "", segment] = entry.replace(/^=/, "").split("/");
  return siteOf(host, segment === undefined ? "" : `/${segment}`);
}

test("every host, path and app leads to its own source: no entry hides another", () => {
  expect(entries.length).toBeGreaterThan(2500);
  const wrong = entries.filter(({ kind, name, entry }) => {
    const found = find(entry);
    return found?.name !== name || found.kind !== kind;
  });
  expect(wrong).toEqual([]);
});

test("entries are written once, in lower case, as the form says", () => {
  const seen = new Set<string>();
  const twice = entries.filter(({ entry }) => seen.size === seen.add(entry).size);
  expect(twice).toEqual([]);
  const form = /^(?:app:[a-z0-9._]+|=?[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/[a-z0-9_-]+)?)$/;
  expect(entries.filter(({ entry }) => !form.test(entry))).toEqual([]);
});

test("every click id is written once and leads to its network", () => {
  expect(new Set(clickIds.map(({ parameter }) => parameter)).size).toBe(clickIds.length);
  for (const { parameter, network, medium } of clickIds) {
    const url = `https://shop.example.com/?${parameter.toUpperCase()}=x1`;
    expect(classify({ url })).toMatchObject({ source: network, medium });
  }
});

test("a source has one name, however it is spelled", () => {
  const spellings = {
    facebook: [
      "fb",
      "FB",
      "Facebook",
      " facebook ",
      "m.facebook.com",
      "https://www.facebook.com/x",
      "facebook_ads",
      "fb-paid",
    ],
    twitter: ["x", "Twitter", "t.co", "x.com", "twitter ads"],
    google: ["google.com", "www.google.co.uk", "GoogleAds", "google_cpc", "adwords"],
    "hacker-news": ["HackerNews", "hacker news", "news.ycombinator.com", "hn"],
    chatgpt: ["chatgpt.com", "ChatGPT", "openai"],
    "you.com": ["you.com"],
    "my-partner": ["My-Partner"],
    "partner.example": ["www.partner.example", "Partner.Example"],
    ads: ["ads"],
    start: ["start"],
  };
  for (const [name, all] of Object.entries(spellings))
    expect(all.map((one) => [one, normalizeSource(one)])).toEqual(all.map((one) => [one, name]));
});

test("names are stable: normalising one again changes nothing", () => {
  for (const { name } of entries) expect(normalizeSource(name)).toBe(name);
});

test("a name stands for one kind of source; only detours and ads may share it", () => {
  const shared = new Set(["search_ad", "display_ad", "payment", "sign_in"]);
  const wrong = entries.filter(({ kind, name }) => !shared.has(kind) && kindOfSource(name) !== kind);
  expect(wrong).toEqual([]);
  expect([kindOfSource("google"), kindOfSource("twitch"), kindOfSource("acme")]).toEqual([
    "search",
    "video",
    undefined,
  ]);
});
