import { type Channel, channelOf } from "./channels.ts";
import { type Confidence, orderedRules } from "./rules.ts";
import { kindOfSource } from "./sites.ts";
import { compact } from "./sources.ts";
import { visitOf } from "./visit.ts";

/** Where one visit came from. */
export interface Attribution {
  /** Normalised name: `facebook`, `newsletter`, `example.com`; `internal`, `direct` and `unknown` are no sites. */
  source: string;
  /** `paid`, `social`, `organic`, `video`, `email`, `ai`, `referral`, `direct`, `unknown`, or the link's own utm_medium. */
  medium: string;
  /** `utm_campaign` as the link has it, or empty. */
  campaign: string;
  channel: Channel;
  confidence: Confidence;
  /** The rule that decided; see `rules`. */
  rule_id: string;
}

export interface Entry {
  /** Address of the page. */
  url?: string | undefined;
  /** What the browser says sent the visitor, app referrers (`android-app://…`) included. */
  referrer?: string | undefined;
}

/**
 * Says where a visit came from: pure, deterministic, the first matching rule decides. Never throws, whatever the
 * strings hold, and reads at most the first 8192 code units of each.
 */
export function classify({ url, referrer }: Entry): Attribution {
  const visit = visitOf(url ?? "", referrer ?? "");
  for (const rule of orderedRules) {
    const found = rule.match(visit);
    if (found === undefined) continue;
    const { source, medium, confidence, isDisplay } = found;
    const channel = channelOf({
      source,
      medium,
      campaign: visit.campaign,
      kind: kindOfSource(source),
      taggedMedium: isDisplay ? "display" : compact(visit.medium),
    });
    return { source, medium, campaign: visit.campaign, channel, confidence, rule_id: rule.id };
  }
  throw new Error("the last rule matches everything");
}

/**
 * Whether an entry goes on with a visit instead of starting one: a click within the site, or a return from a payment
 * or sign-in page. A session's entry source is that of its first event that is not internal.
 */
export function isInternal(entry: { source: string }): boolean {
  return entry.source === "internal";
}
