import { crossNetworkMediums, displayMediums } from "./data/mediums.ts";
import type { SiteKind } from "./sites.ts";

/** Every channel: the names of Google's default channel group, and AI Assistants. */
export const channels = [
  "Direct",
  "Cross-network",
  "Paid Shopping",
  "Paid Search",
  "Paid Social",
  "Paid Video",
  "Display",
  "Paid Other",
  "AI Assistants",
  "Organic Shopping",
  "Organic Social",
  "Organic Video",
  "Organic Search",
  "Referral",
  "Email",
  "Affiliates",
  "Audio",
  "SMS",
  "Mobile Push Notifications",
  "Unassigned",
] as const;

export type Channel = (typeof channels)[number];

/** What a channel is decided from. */
export interface Traffic {
  source: string;
  medium: string;
  campaign: string;
  /** What the source is, when it is known. */
  kind: SiteKind | undefined;
  /** `utm_medium` as the link had it, without separators; empty when there was none. */
  taggedMedium: string;
}

const shopCampaign = /(?:^|[^a-df-z])shop|shopping/;

/** The channel of one visit; conditions in the order in which Google publishes them. */
export function channelOf(traffic: Traffic): Channel {
  const { source, medium, kind } = traffic;
  if (source === "internal" || ((source === "direct" || source === "(direct)") && !isTold(medium))) return "Direct";
  const campaign = traffic.campaign.toLowerCase();
  const isShop = kind === "shopping" || shopCampaign.test(campaign);
  if (campaign.includes("cross-network") || medium === "cross-network") return "Cross-network";
  if (medium === "paid") return paidChannel(traffic, isShop);
  if (kind === "ai" || medium === "ai") return "AI Assistants";
  if (isShop) return "Organic Shopping";
  if (kind === "social" || socialMediums.has(medium)) return "Organic Social";
  if (kind === "video" || medium.includes("video")) return "Organic Video";
  if (kind === "search" || medium === "organic") return "Organic Search";
  if (kind === "email") return "Email";
  return channelOfMedium(source, medium);
}

function isTold(medium: string): boolean {
  return medium !== "direct" && medium !== "unknown" && medium !== "none";
}

/** Google's test is `.*cp.*|ppc|retargeting|paid.*`, tried before Display. */
const isClickMedium = (tagged: string) =>
  !displayMediums.has(tagged) || tagged.includes("cpm") || tagged.startsWith("paid");

function paidChannel({ kind, taggedMedium }: Traffic, isShop: boolean): Channel {
  if (crossNetworkMediums.has(taggedMedium)) return "Cross-network";
  if (isClickMedium(taggedMedium)) {
    if (isShop) return "Paid Shopping";
    const where = kind ?? toldKind(taggedMedium);
    if (where === "search") return "Paid Search";
    if (where === "social") return "Paid Social";
    if (where === "video") return "Paid Video";
  }
  return displayMediums.has(taggedMedium) ? "Display" : "Paid Other";
}

/** What the medium itself says of a source that nobody knows; Google would call it Paid Other. */
function toldKind(taggedMedium: string): SiteKind | undefined {
  if (taggedMedium === "paidsearch" || taggedMedium === "sem" || taggedMedium === "sea") return "search";
  if (taggedMedium === "paidsocial") return "social";
  if (taggedMedium === "paidvideo") return "video";
  return undefined;
}

const socialMediums = new Set(["social", "social-network", "social-media", "sm", "social network", "social media"]);
const emailNames = new Set(["email", "e-mail", "e_mail", "e mail"]);
const referralMediums = new Set(["referral", "app", "link"]);

function channelOfMedium(source: string, medium: string): Channel {
  if (referralMediums.has(medium)) return "Referral";
  if (emailNames.has(source) || emailNames.has(medium)) return "Email";
  if (medium === "affiliate") return "Affiliates";
  if (medium === "audio") return "Audio";
  if (source === "sms" || medium === "sms") return "SMS";
  if (
    medium.endsWith("push") ||
    medium.includes("mobile") ||
    medium.includes("notification") ||
    source === "firebase"
  ) {
    return "Mobile Push Notifications";
  }
  return "Unassigned";
}
