import { getDomain } from "tldts";
import type { ClickId } from "./data/click-ids.ts";
import { type Location, locate } from "./location.ts";
import { campaignParameters, clickIdByParameter } from "./parameters.ts";
import { type Site, siteOf, siteOfApp } from "./sites.ts";
import { label } from "./sources.ts";
import { cut } from "./text.ts";

/** Code units. */
const longestCampaign = 256;

/** Where somebody came from by the referrer alone. */
export interface Referrer {
  host: string;
  isApp: boolean;
  /** The known site or app, if it is one. */
  site: Site | undefined;
}

/** One url and referrer, taken apart once; what the rules look at. */
export interface Visit {
  parameters: Readonly<Record<string, string>>;
  /** Normalised `utm_medium`, or empty. */
  medium: string;
  /** `utm_campaign` as the link has it, or empty. */
  campaign: string;
  /** The click ids of the url, in its order. */
  clickIds: readonly ClickId[];
  siteHost: string | undefined;
  referrer: Referrer | undefined;
}

export function visitOf(url: string, referrer: string): Visit {
  const parameters = campaignParameters(url);
  return {
    parameters,
    medium: label(parameters["utm_medium"] ?? ""),
    campaign: cut(parameters["utm_campaign"] ?? "", longestCampaign),
    clickIds: clickIdsIn(parameters),
    siteHost: url === "" ? undefined : locate(url)?.host,
    referrer: referrer === "" ? undefined : referrerOf(locate(referrer)),
  };
}

function clickIdsIn(parameters: Readonly<Record<string, string>>): readonly ClickId[] {
  const ids: ClickId[] = [];
  for (const name in parameters) {
    const id = clickIdByParameter.get(name);
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

const appSchemes = new Set(["android-app", "ios-app"]);

function referrerOf(location: Location | undefined): Referrer | undefined {
  if (location === undefined) return undefined;
  const { scheme, host, rest } = location;
  if (appSchemes.has(scheme)) return { host, isApp: true, site: siteOfApp(host) };
  if (scheme !== "http" && scheme !== "https") return undefined;
  return { host, isApp: false, site: siteOf(host, rest) };
}

const tldtsOptions = { allowPrivateDomains: true, extractHostname: false, validateHostname: false } as const;

/** The registrable domain (`shop.example.co.uk` → `example.co.uk`), or the host itself when it has none. */
export function registrableDomain(host: string): string {
  return getDomain(host, tldtsOptions) ?? host;
}
