import { ai } from "./data/ai.ts";
import { payment, signIn } from "./data/detours.ts";
import { search } from "./data/search.ts";
import { shopping } from "./data/shopping.ts";
import { social } from "./data/social.ts";
import type { HostTable } from "./data/table.ts";
import { video } from "./data/video.ts";
import { webmail } from "./data/webmail.ts";

export type SiteKind = "ai" | "social" | "search" | "video" | "email" | "shopping" | "payment" | "sign_in";

export interface Site {
  name: string;
  kind: SiteKind;
}

const tables: ReadonlyArray<readonly [SiteKind, HostTable]> = [
  ["ai", ai],
  ["social", social],
  ["search", search],
  ["video", video],
  ["email", webmail],
  ["shopping", shopping],
  ["payment", payment],
  ["sign_in", signIn],
];

const byHost = new Map<string, Site>();
/** Hosts that do not speak for their subdomains. */
const byExactHost = new Map<string, Site>();
const byApp = new Map<string, Site>();
const byName = new Map<string, SiteKind>();

for (const [kind, table] of tables) {
  for (const [name, hosts] of Object.entries(table)) {
    const site = { name, kind };
    if (kind !== "payment" && kind !== "sign_in" && !byName.has(name)) byName.set(name, kind);
    for (const host of hosts.split(/\s+/)) {
      if (host.startsWith("app:")) byApp.set(host.slice(4), site);
      else if (host.startsWith("=")) for (const p of ["", "www.", "m."]) byExactHost.set(p + host.slice(1), site);
      else byHost.set(host, site);
    }
  }
}

/** The known site that a lower-case host belongs to; the most exact entry wins. */
export function siteOfHost(host: string): Site | undefined {
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

/** The known site whose mobile app has this package name. */
export function siteOfApp(app: string): Site | undefined {
  return byApp.get(app);
}

/** What kind of site a normalised source name stands for. */
export function kindOfSource(source: string): SiteKind | undefined {
  return byName.get(source);
}
