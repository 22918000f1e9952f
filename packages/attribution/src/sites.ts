import { displayAds, searchAds } from "./data/ads.ts";
import { ai } from "./data/ai.ts";
import { payment, signIn } from "./data/detours.ts";
import { known } from "./data/known.ts";
import { search } from "./data/search.ts";
import { regionalSearch } from "./data/search-regional.ts";
import { shopping } from "./data/shopping.ts";
import { social } from "./data/social.ts";
import type { HostTable } from "./data/table.ts";
import { video } from "./data/video.ts";
import { webmail } from "./data/webmail.ts";

export type SiteKind =
  | "ai"
  | "social"
  | "search"
  | "video"
  | "email"
  | "shopping"
  | "search_ad"
  | "display_ad"
  | "payment"
  | "sign_in"
  | "other";

export interface Site {
  name: string;
  kind: SiteKind;
}

/** Every table, in the order in which a source name that is in two of them gets its kind. */
export const siteTables: ReadonlyArray<readonly [SiteKind, HostTable]> = [
  ["ai", ai],
  ["social", social],
  ["search", search],
  ["search", regionalSearch],
  ["video", video],
  ["email", webmail],
  ["shopping", shopping],
  ["other", known],
  ["search_ad", searchAds],
  ["display_ad", displayAds],
  ["payment", payment],
  ["sign_in", signIn],
];

const byHost = new Map<string, Site>();
/** Hosts that do not speak for their subdomains. */
const byExactHost = new Map<string, Site>();
/** `host/segment` → site. */
const byPath = new Map<string, Site>();
const byApp = new Map<string, Site>();
const byName = new Map<string, SiteKind>();

/** The forms in which one host is reached. */
const forms = (host: string) => [host, `www.${host}`, `m.${host}`];

function enter(entry: string, site: Site): void {
  if (entry.startsWith("app:")) byApp.set(entry.slice(4), site);
  else if (entry.startsWith("=")) for (const form of forms(entry.slice(1))) byExactHost.set(form, site);
  else if (entry.includes("/")) for (const form of forms(entry)) byPath.set(form, site);
  else byHost.set(entry, site);
}

for (const [kind, table] of siteTables) {
  for (const [name, entries] of Object.entries(table)) {
    const site = { name, kind };
    if (!byName.has(name)) byName.set(name, kind);
    for (const entry of entries.trim().split(/\s+/)) enter(entry, site);
  }
}

/** The known site of a lower-case host and what follows it (`/path?query`); the most exact entry wins. */
export function siteOf(host: string, rest = ""): Site | undefined {
  if (rest.length > 1) {
    const inner = byPath.get(host + firstSegment(rest));
    if (inner !== undefined) return inner;
  }
  const exact = byExactHost.get(host);
  if (exact !== undefined) return exact;
  for (let at = 0; ; ) {
    const site = byHost.get(at === 0 ? host : host.slice(at));
    if (site !== undefined) return site;
    const dot = host.indexOf(".", at);
    if (dot < 0) return undefined;
    at = dot + 1;
  }
}

const longestSegment = 32;

function firstSegment(rest: string): string {
  let end = 1;
  for (; end < rest.length && end <= longestSegment; end++) {
    const c = rest.charCodeAt(end);
    if (c === 47 /* / */ || c === 63 /* ? */ || c === 35 /* # */) break;
  }
  return rest.slice(0, end);
}

/** The known site whose mobile app has this package name or App Store number. */
export function siteOfApp(app: string): Site | undefined {
  return byApp.get(app);
}

/** What kind of site a normalised source name stands for. */
export function kindOfSource(source: string): SiteKind | undefined {
  return byName.get(source);
}

/** Every name in the tables. */
export const siteNames = (): Iterable<string> => byName.keys();
