import { aliases } from "./data/aliases.ts";
import { locate } from "./location.ts";
import { kindOfSource, siteOfHost } from "./sites.ts";

const byAlias = new Map(
  Object.entries(aliases).flatMap(([name, spellings]) => spellings.split(" ").map((s): [string, string] => [s, name])),
);

/** Code units; sources are a low-cardinality column. */
const longestLabel = 128;

/** Lower case, single spaces, bounded: the form in which sources, mediums and campaigns are stored. */
export function label(value: string): string {
  return value.slice(0, longestLabel).trim().replace(/\s+/g, " ").toLowerCase();
}

/**
 * The one name of a source, however a link spells it: `fb`, `Facebook`, `m.facebook.com` and `facebook_ads` are
 * `facebook`. A name nobody knows is only tidied (lower case, no `www.`).
 */
export function normalizeSource(value: string): string {
  const name = label(value);
  if (kindOfSource(name) !== undefined) return name;
  const alias = byAlias.get(name.replace(/[\s._-]+/g, ""));
  if (alias !== undefined) return alias;
  if (!name.includes(".")) return name;
  const host = locate(name)?.host;
  if (host === undefined) return name;
  return siteOfHost(host)?.name ?? (host.startsWith("www.") ? host.slice(4) : host);
}
