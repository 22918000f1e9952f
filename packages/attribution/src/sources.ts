import { aliases } from "./data/aliases.ts";
import { locate } from "./location.ts";
import { kindOfSource, siteNames, siteOf } from "./sites.ts";
import { cut } from "./text.ts";

/** Code units; sources are a low-cardinality column. */
const longestLabel = 128;

/** Lower case, single spaces, bounded: the form in which sources and mediums are stored. */
export function label(value: string): string {
  const tidy = cut(value, 2 * longestLabel)
    .toLowerCase()
    .trim()
    .replace(/\s+/g, " ");
  return cut(tidy, longestLabel).trimEnd();
}

/** A label without separators: `paid_social`, `Paid-Social` and `paid social` are one. */
export function compact(value: string): string {
  return value.replace(/[\s._+/|-]+/g, "");
}

/** Spelling without separators → name. */
const bySpelling = new Map<string, string>();
for (const name of siteNames()) bySpelling.set(compact(name), name);
for (const [name, spellings] of Object.entries(aliases))
  for (const spelling of spellings.split(" ")) bySpelling.set(spelling, name);

/** What people add to the name of a network when they tag its ads: `fb_ads`, `bing-ppc`, `TikTok Paid`. */
const adWords = /(?:ads?|paid|ppc|cpc)$/;

/**
 * The one name of a source, however a link spells it: `fb`, `Facebook`, `m.facebook.com` and `facebook_ads` are
 * `facebook`. A name nobody knows is only tidied (lower case, no `www.`).
 */
export function normalizeSource(value: string): string {
  const name = label(value);
  if (kindOfSource(name) !== undefined) return name;
  const spelling = compact(name);
  const known = bySpelling.get(spelling) ?? bySpelling.get(spelling.replace(adWords, ""));
  if (known !== undefined) return known;
  if (!name.includes(".")) return name;
  const location = locate(name);
  if (location === undefined) return name;
  const { host, rest } = location;
  return siteOf(host, rest)?.name ?? withoutWww(host);
}

function withoutWww(host: string): string {
  return host.startsWith("www.") ? withoutWww(host.slice(4)) : host;
}
