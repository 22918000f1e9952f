import type { ClickId } from "./data/click-ids.ts";
import { paidMediums, paidWords } from "./data/mediums.ts";
import type { SiteKind } from "./sites.ts";
import { compact, normalizeSource } from "./sources.ts";
import { type Referrer, registrableDomain, type Visit } from "./visit.ts";

export type Confidence = "high" | "medium" | "low";

/** What a rule says of a visit it matches. */
export interface Verdict {
  source: string;
  medium: string;
  confidence: Confidence;
  /** The ad was a banner or video on somebody's site, so the channel is Display. */
  isDisplay?: boolean;
}

export interface Rule {
  /** Stored with every row. Never reused for another meaning. */
  id: string;
  description: string;
  match: (visit: Visit) => Verdict | undefined;
}

/**
 * Rises whenever the same url and referrer can come out otherwise than before: a rule, its order, or a table changed.
 */
export const RULES_VERSION = 2;

const verdict = (source: string, medium: string, confidence: Confidence): Verdict => ({ source, medium, confidence });

function isPaidMedium(medium: string): boolean {
  if (medium === "") return false;
  if (medium.startsWith("paid") || paidMediums.has(compact(medium))) return true;
  return medium.split(/[\s._+/|-]+/).some((word) => paidWords.has(word));
}

/** The source of a visit that is tagged with a medium only. */
function guessSource(visit: Visit): string {
  const [id] = visit.clickIds;
  if (id !== undefined) return networkOf(id, visit);
  const { referrer } = visit;
  if (referrer === undefined || isInternal(visit) || isDetour(referrer.site?.kind)) return "unknown";
  return nameOf(referrer);
}

const metaNetworks = new Set(["instagram", "messenger", "threads", "whatsapp"]);

/** Meta puts the same id on the links of all its networks; the referrer, when there is one, tells them apart. */
function networkOf(id: ClickId, { referrer }: Visit): string {
  const from = referrer?.site?.name;
  return id.parameter === "fbclid" && from !== undefined && metaNetworks.has(from) ? from : id.network;
}

/** What a referrer is called: the known site, the package of an app, or the registrable domain. */
function nameOf({ site, isApp, host }: Referrer): string {
  return site?.name ?? (isApp ? host : registrableDomain(host));
}

function isInternal({ siteHost, referrer }: Visit): boolean {
  if (siteHost === undefined || referrer === undefined || referrer.isApp) return false;
  return siteHost === referrer.host || registrableDomain(siteHost) === registrableDomain(referrer.host);
}

function isDetour(kind: SiteKind | undefined): boolean {
  return kind === "payment" || kind === "sign_in";
}

function referrerRule(id: string, kind: SiteKind, medium: string, what: string): Rule {
  return {
    id,
    description: `The referrer is ${what}.`,
    match: ({ referrer }) =>
      referrer?.site?.kind === kind ? verdict(referrer.site.name, medium, "medium") : undefined,
  };
}

function detourRule(id: string, kind: SiteKind, what: string): Rule {
  return {
    id,
    description: `The referrer is ${what}: a return from it goes on with the visit that left for it.`,
    match: ({ referrer }) => (referrer?.site?.kind === kind ? verdict("internal", "direct", "high") : undefined),
  };
}

/** The rules in the order in which they are tried; the first that matches decides. */
export const orderedRules: readonly Rule[] = [
  {
    id: "utm_paid_medium",
    description: "utm_medium names a paid medium. The source is utm_source, else guessed from click id or referrer.",
    match: (visit) => {
      if (!isPaidMedium(visit.medium)) return undefined;
      const source = visit.parameters["utm_source"];
      if (source !== undefined) return verdict(normalizeSource(source), "paid", "high");
      return verdict(guessSource(visit), "paid", "medium");
    },
  },
  {
    id: "click_id_paid",
    description: "The url has a click id that a network puts on its ads only.",
    match: ({ clickIds }) => {
      const id = clickIds.find(({ medium }) => medium === "paid");
      return id && { ...verdict(id.network, "paid", "high"), isDisplay: id.isDisplay };
    },
  },
  {
    id: "utm_source",
    description: "utm_source without a paid signal. The medium is utm_medium, else unknown.",
    match: ({ parameters, medium }) => {
      const source = parameters["utm_source"];
      return source === undefined ? undefined : verdict(normalizeSource(source), medium || "unknown", "high");
    },
  },
  {
    id: "click_id_any",
    description: "The url has an id that a network puts on every link, so the click need not be paid.",
    match: (visit) => {
      const [id] = visit.clickIds;
      return id && verdict(networkOf(id, visit), id.medium, "medium");
    },
  },
  {
    id: "referrer_internal",
    description: "The referrer has the same registrable domain as the url.",
    match: (visit) => (isInternal(visit) ? verdict("internal", "direct", "high") : undefined),
  },
  detourRule("referrer_payment", "payment", "a payment page"),
  detourRule("referrer_sign_in", "sign_in", "a sign-in page"),
  {
    id: "referrer_ad",
    description: "The referrer is an ad server or the frame of an ad.",
    match: ({ referrer }) => {
      const site = referrer?.site;
      if (site?.kind !== "search_ad" && site?.kind !== "display_ad") return undefined;
      return { ...verdict(site.name, "paid", "medium"), isDisplay: site.kind === "display_ad" };
    },
  },
  referrerRule("referrer_ai", "ai", "ai", "an AI assistant"),
  referrerRule("referrer_social", "social", "social", "a social network"),
  referrerRule("referrer_search", "search", "organic", "a search engine"),
  referrerRule("referrer_video", "video", "video", "a video site"),
  referrerRule("referrer_email", "email", "email", "a webmail or mail app"),
  referrerRule("referrer_shopping", "shopping", "referral", "a marketplace"),
  {
    id: "referrer_other",
    description: "Any other referrer: its registrable domain, or the package of an app.",
    match: ({ referrer }) => referrer && verdict(nameOf(referrer), "referral", "low"),
  },
  {
    id: "utm_medium_only",
    description: "utm_medium alone, not paid, and no referrer to say who sent it.",
    match: ({ medium }) => (medium === "" ? undefined : verdict("unknown", medium, "low")),
  },
  { id: "direct", description: "Nothing tells.", match: () => verdict("direct", "direct", "high") },
];
