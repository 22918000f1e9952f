import { paidMediums } from "./data/mediums.ts";
import type { SiteKind } from "./sites.ts";
import { normalizeSource } from "./sources.ts";
import { registrableDomain, type Visit } from "./visit.ts";

export type Confidence = "high" | "medium" | "low";

/** What a rule says of a visit it matches. */
export interface Verdict {
  source: string;
  medium: string;
  confidence: Confidence;
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
export const RULES_VERSION = 1;

const verdict = (source: string, medium: string, confidence: Confidence): Verdict => ({ source, medium, confidence });

/** A medium without separators: `paid_social`, `Paid-Social` and `paid social` are one. */
export function compactMedium(medium: string): string {
  return medium.replace(/[\s._+/|-]+/g, "");
}

function isPaidMedium(medium: string): boolean {
  if (medium === "") return false;
  if (medium.startsWith("paid") || paidMediums.has(compactMedium(medium))) return true;
  return medium
    .split(/[\s._+/|-]+/)
    .some((word) => word === "cpc" || word === "ppc" || word === "cpm" || word === "paid");
}

/** The source of a visit that is tagged with a medium only. */
function guessSource(visit: Visit): string {
  const [id] = visit.clickIds;
  if (id !== undefined) return id.network;
  const { referrer } = visit;
  if (referrer === undefined || isInternal(visit) || isDetour(referrer.site?.kind)) return "unknown";
  return referrer.site?.name ?? (referrer.isApp ? referrer.host : registrableDomain(referrer.host));
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
      for (const id of clickIds) if (id.medium === "paid") return verdict(id.network, "paid", "high");
      return undefined;
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
    match: ({ clickIds: [id] }) => (id === undefined ? undefined : verdict(id.network, id.medium, "medium")),
  },
  {
    id: "referrer_internal",
    description: "The referrer has the same registrable domain as the url.",
    match: (visit) => (isInternal(visit) ? verdict("internal", "direct", "high") : undefined),
  },
  detourRule("referrer_payment", "payment", "a payment page"),
  detourRule("referrer_sign_in", "sign_in", "a sign-in page"),
  referrerRule("referrer_ai", "ai", "ai", "an AI assistant"),
  referrerRule("referrer_social", "social", "social", "a social network"),
  referrerRule("referrer_search", "search", "organic", "a search engine"),
  referrerRule("referrer_video", "video", "video", "a video site"),
  referrerRule("referrer_email", "email", "email", "a webmail or mail app"),
  referrerRule("referrer_shopping", "shopping", "referral", "a marketplace"),
  {
    id: "referrer_other",
    description: "Any other referrer: its registrable domain, or the package of an app.",
    match: ({ referrer }) =>
      referrer && verdict(referrer.isApp ? referrer.host : registrableDomain(referrer.host), "referral", "low"),
  },
  {
    id: "utm_medium_only",
    description: "utm_medium alone, not paid, and no referrer to say who sent it.",
    match: ({ medium }) => (medium === "" ? undefined : verdict("unknown", medium, "low")),
  },
  { id: "direct", description: "Nothing tells.", match: () => verdict("direct", "direct", "high") },
];
