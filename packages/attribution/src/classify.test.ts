import { expect, test } from "vitest";
import { classify } from "./classify.ts";

const site = "https://shop.example.com/";
const of = (url: string | undefined, referrer?: string) => {
  const { source, medium, channel, confidence, rule_id } = classify({ url, referrer });
  return `${source}/${medium} ${channel} ${confidence} ${rule_id}`;
};

test.each([
  ["?utm_source=facebook&utm_medium=cpc&fbclid=IwAR1", undefined, "facebook/paid Paid Social high utm_paid_medium"],
  ["?utm_medium=cpc&fbclid=IwAR1", undefined, "facebook/paid Paid Social medium utm_paid_medium"],
  ["?gclid=Cj0", "https://www.google.com/", "google/paid Paid Search high click_id_paid"],
  ["?utm_source=newsletter", undefined, "newsletter/unknown Unassigned high utm_source"],
  ["?fbclid=IwAR1", "https://l.facebook.com/", "facebook/social Organic Social medium click_id_any"],
  ["", "https://www.example.com/blog", "internal/direct Direct high referrer_internal"],
  ["", "https://checkout.stripe.com/c/pay", "internal/direct Direct high referrer_payment"],
  ["", "https://accounts.google.com/", "internal/direct Direct high referrer_sign_in"],
  ["", "https://chatgpt.com/", "chatgpt/ai AI Assistants medium referrer_ai"],
  ["", "https://www.google.de/", "google/organic Organic Search medium referrer_search"],
  ["", "android-app://com.google.android.gm/", "gmail/email Email medium referrer_email"],
  ["", "https://blog.other.co.uk/post", "other.co.uk/referral Referral low referrer_other"],
  ["", undefined, "direct/direct Direct high direct"],
])("%s from %s is %s", (query, referrer, expected) => {
  expect(of(site + query, referrer)).toBe(expected);
});

test("nothing at all is direct", () => {
  expect(classify({})).toEqual({
    source: "direct",
    medium: "direct",
    campaign: "",
    channel: "Direct",
    confidence: "high",
    rule_id: "direct",
  });
});
