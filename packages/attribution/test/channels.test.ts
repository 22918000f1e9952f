import fc from "fast-check";
import { expect, test } from "vitest";
import { channels, classify } from "../src/index.ts";
import { kindOfSource } from "../src/sites.ts";

/** Google's default channel group for manually tagged traffic, as its help page words it (GA4, "Default channel group"). */
function googleChannel(source: string, medium: string, campaign: string): string {
  const isPaid = /^(.*cp.*|ppc|retargeting|paid.*)$/.test(medium);
  const kind = kindOfSource(source);
  const isShop = kind === "shopping" || /^(.*(([^a-df-z]|^)shop|shopping).*)$/.test(campaign);
  const isEmail = /^(email|e-mail|e_mail|e mail)$/;
  if (source === "direct" && medium === "") return "Direct";
  if (/^.*cross-network.*$/.test(campaign)) return "Cross-network";
  if (isShop && isPaid) return "Paid Shopping";
  if (kind === "search" && isPaid) return "Paid Search";
  if (kind === "social" && isPaid) return "Paid Social";
  if (kind === "video" && isPaid) return "Paid Video";
  if (["display", "banner", "expandable", "interstitial", "cpm"].includes(medium)) return "Display";
  if (isPaid) return "Paid Other";
  if (isShop) return "Organic Shopping";
  if (
    kind === "social" ||
    ["social", "social-network", "social-media", "sm", "social network", "social media"].includes(medium)
  )
    return "Organic Social";
  if (kind === "video" || /^(.*video.*)$/.test(medium)) return "Organic Video";
  if (kind === "search" || medium === "organic") return "Organic Search";
  if (["referral", "app", "link"].includes(medium)) return "Referral";
  if (isEmail.test(source) || isEmail.test(medium)) return "Email";
  if (medium === "affiliate") return "Affiliates";
  if (medium === "audio") return "Audio";
  if (source === "sms" || medium === "sms") return "SMS";
  if (/push$/.test(medium) || /mobile|notification/.test(medium) || source === "firebase")
    return "Mobile Push Notifications";
  return "Unassigned";
}

const sources =
  `google bing facebook tiktok linkedin youtube vimeo amazon etsy newsletter partner email e-mail sms firebase
  direct acme.example`.split(/\s+/);
const mediums = [
  ..."cpc ppc retargeting paid cpm cpc-brand display banner expandable interstitial".split(" "),
  ..."social social-network social-media sm social_media organic referral app link email e-mail e_mail".split(" "),
  ..."affiliate audio sms web-push push mobile mobile_app notification video short-video print qr".split(" "),
  "social network",
  "social media",
  "e mail",
  "",
];
const campaigns = [
  "",
  "spring",
  "shop",
  "eshop",
  "bishop",
  "my-shop",
  "autumn shopping",
  "workshop",
  "cross-network_1",
];

test("follows Google's published definitions for every tagged combination", () => {
  const seen = new Set<string>();
  for (const source of sources)
    for (const medium of mediums)
      for (const campaign of campaigns) {
        const query = new URLSearchParams({ utm_source: source, utm_medium: medium, utm_campaign: campaign });
        const found = classify({ url: `https://acme-shop.com/?${query}` });
        seen.add(found.channel);
        expect([source, medium, campaign, found.channel]).toEqual([
          source,
          medium,
          campaign,
          googleChannel(source, medium, campaign),
        ]);
      }
  // All but the one that Google does not have.
  expect(channels.filter((name) => !seen.has(name))).toEqual(["AI Assistants"]);
});

test("what goes further than Google: AI assistants, all-network campaigns, kinds told by the medium alone", () => {
  const of = (query: string) => classify({ url: `https://acme-shop.com/?${query}` }).channel;
  expect(of("utm_source=claude.ai&utm_medium=referral")).toBe("AI Assistants");
  expect(of("utm_source=google&utm_medium=pmax")).toBe("Cross-network");
  expect(of("utm_source=agency&utm_medium=paid_search")).toBe("Paid Search");
  expect(of("utm_source=agency&utm_medium=paid_social")).toBe("Paid Social");
  expect(of("utm_source=agency&utm_medium=cpc")).toBe("Paid Other");
  expect(of("utm_source=gmail&utm_medium=link_in_signature")).toBe("Email");
});

test("every visit has one of the channels", () => {
  const text = fc.oneof(fc.constantFrom(...sources, ...mediums, ...campaigns), fc.string());
  fc.assert(
    fc.property(text, text, text, fc.option(fc.webUrl(), { nil: undefined }), (source, medium, campaign, referrer) => {
      const query = new URLSearchParams({ utm_source: source, utm_medium: medium, utm_campaign: campaign });
      expect(channels).toContain(classify({ url: `https://acme-shop.com/?${query}`, referrer }).channel);
    }),
    { seed: 5 },
  );
});
