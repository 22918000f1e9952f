/** A page of the site and what sent the visitor there; `path` is added to `https://shop.example.com`. */
export interface Case {
  path?: string;
  referrer?: string;
}

export interface RuleCases {
  /** Decided by the rule: the visit, and `source/medium confidence`. */
  hits: ReadonlyArray<readonly [Case, string]>;
  /** Looks like one for the rule, and is not. */
  misses: readonly Case[];
}

/** Rule → visits on both sides of its border. A rule without cases fails the tests. */
export const ruleCases: Readonly<Record<string, RuleCases>> = {
  utm_paid_medium: {
    hits: [
      [{ path: "/?utm_source=facebook&utm_medium=cpc&fbclid=1" }, "facebook/paid high"],
      [{ path: "/?utm_source=FB_Ads&utm_medium=Paid-Social" }, "facebook/paid high"],
      [{ path: "/?utm_source=partner&utm_medium=display" }, "partner/paid high"],
      [{ path: "/?utm_medium=cpc&fbclid=1" }, "facebook/paid medium"],
      [{ path: "/?utm_medium=cpc&fbclid=1", referrer: "https://l.instagram.com/" }, "instagram/paid medium"],
      [{ path: "/?utm_medium=pmax", referrer: "https://www.google.com/" }, "google/paid medium"],
      [{ path: "/?utm_medium=retargeting", referrer: "https://blog.other.co.uk/" }, "other.co.uk/paid medium"],
      [{ path: "/?utm_medium=ppc", referrer: "https://accounts.google.com/" }, "unknown/paid medium"],
      [{ path: "/?utm_medium=ppc", referrer: "https://www.example.com/" }, "unknown/paid medium"],
      [{ path: "/?utm_medium=cpc" }, "unknown/paid medium"],
    ],
    misses: [
      { path: "/?utm_source=facebook&utm_medium=social" },
      { path: "/?utm_source=newsletter&utm_medium=unpaid" },
      { path: "/?utm_medium=%7B%7Bcpc%7D%7D" },
      { path: "/?medium=cpc" },
    ],
  },
  click_id_paid: {
    hits: [
      [{ path: "/?gclid=Cj0" }, "google/paid high"],
      [{ path: "/?utm_source=newsletter&utm_medium=email&gclid=Cj0" }, "google/paid high"],
      [{ path: "/?fbclid=1&msclkid=2" }, "bing/paid high"],
      [{ path: "/#/page?TTCLID=1" }, "tiktok/paid high"],
    ],
    misses: [{ path: "/?gclid=" }, { path: "/?gclid_x=1" }, { path: "/gclid=1" }, { path: "/?fbclid=1" }],
  },
  utm_source: {
    hits: [
      [{ path: "/?utm_source=Newsletter&utm_medium=Email" }, "newsletter/email high"],
      [{ path: "/?utm_source=m.facebook.com" }, "facebook/unknown high"],
      [{ path: "/?utm_source=chatgpt.com", referrer: "https://chatgpt.com/" }, "chatgpt/unknown high"],
      [{ path: "/?utm_source=x&fbclid=1" }, "twitter/unknown high"],
    ],
    misses: [{ path: "/?utm_source=" }, { path: "/?utm_source=(not%20set)" }, { path: "/?utm_campaign=spring" }],
  },
  click_id_any: {
    hits: [
      [{ path: "/?fbclid=1" }, "facebook/social medium"],
      [{ path: "/?fbclid=1", referrer: "https://l.instagram.com/" }, "instagram/social medium"],
      [{ path: "/?fbclid=1", referrer: "https://www.google.com/" }, "facebook/social medium"],
      [{ path: "/?igshid=1" }, "instagram/social medium"],
      [{ path: "/?srsltid=1" }, "google/organic medium"],
      [{ path: "/?mc_eid=1" }, "mailchimp/email medium"],
      [{ path: "/?awc=1_2" }, "awin/affiliate medium"],
    ],
    misses: [{ path: "/?fbclid" }, { path: "/?xfbclid=1" }, { path: "/?fbclid=1&utm_source=facebook" }],
  },
  referrer_internal: {
    hits: [
      [{ referrer: "https://www.example.com/" }, "internal/direct high"],
      [{ referrer: "http://shop.example.com:8080/a" }, "internal/direct high"],
    ],
    misses: [
      { referrer: "https://example.com.other.net/" },
      { referrer: "https://notexample.com/" },
      { referrer: "android-app://shop.example.com/" },
    ],
  },
  referrer_payment: {
    hits: [
      [{ referrer: "https://checkout.stripe.com/c/pay" }, "internal/direct high"],
      [{ referrer: "https://www.paypal.com/" }, "internal/direct high"],
      [{ referrer: "https://pay.google.com/" }, "internal/direct high"],
    ],
    misses: [{ referrer: "https://notstripe.com/" }, { referrer: "https://www.google.com/pay" }],
  },
  referrer_sign_in: {
    hits: [
      [{ referrer: "https://accounts.google.com/" }, "internal/direct high"],
      [{ referrer: "https://appleid.apple.com/" }, "internal/direct high"],
      [{ referrer: "https://login.microsoftonline.com/common" }, "internal/direct high"],
      [{ referrer: "https://www.facebook.com/dialog/oauth" }, "internal/direct high"],
      [{ referrer: "https://github.com/login/oauth" }, "internal/direct high"],
    ],
    misses: [
      { referrer: "https://www.google.com/accounts" },
      { referrer: "https://www.facebook.com/dialogues" },
      { referrer: "https://github.com/acme/login" },
    ],
  },
  referrer_ad: {
    hits: [
      [{ referrer: "https://googleads.g.doubleclick.net/" }, "google/paid medium"],
      [{ referrer: "https://www.googleadservices.com/pagead/aclk" }, "google/paid medium"],
      [{ referrer: "https://paid.outbrain.com/" }, "outbrain/paid medium"],
    ],
    misses: [{ referrer: "https://ads.google.com/" }, { referrer: "https://doubleclick.network/" }],
  },
  referrer_ai: {
    hits: [
      [{ referrer: "https://chatgpt.com/" }, "chatgpt/ai medium"],
      [{ referrer: "https://gemini.google.com/app" }, "gemini/ai medium"],
      [{ referrer: "https://www.bing.com/chat?q=x" }, "copilot/ai medium"],
      [{ referrer: "android-app://ai.perplexity.app.android/" }, "perplexity/ai medium"],
    ],
    misses: [{ referrer: "https://www.bing.com/chats" }, { referrer: "https://notchatgpt.com/" }],
  },
  referrer_social: {
    hits: [
      [{ referrer: "https://m.facebook.com/" }, "facebook/social medium"],
      [{ referrer: "https://t.co/abc" }, "twitter/social medium"],
      [{ referrer: "android-app://com.linkedin.android/" }, "linkedin/social medium"],
    ],
    misses: [{ referrer: "https://at.co/" }, { referrer: "https://myfacebook.com/" }],
  },
  referrer_search: {
    hits: [
      [{ referrer: "https://www.google.co.uk/" }, "google/organic medium"],
      [
        { referrer: "android-app://com.google.android.googlequicksearchbox/https/www.google.com" },
        "google/organic medium",
      ],
      [{ referrer: "https://suche.t-online.de/" }, "t-online/organic medium"],
    ],
    misses: [
      { referrer: "https://support.google.com/" },
      { referrer: "https://www.google.example/" },
      { referrer: "https://www.t-online.de/" },
    ],
  },
  referrer_video: {
    hits: [
      [{ referrer: "https://www.youtube.com/" }, "youtube/video medium"],
      [{ referrer: "https://youtu.be/abc" }, "youtube/video medium"],
    ],
    misses: [{ referrer: "https://accounts.youtube.com/" }, { referrer: "https://youtube.com.example.org/" }],
  },
  referrer_email: {
    hits: [
      [{ referrer: "https://mail.google.com/" }, "gmail/email medium"],
      [{ referrer: "https://outlook.live.com/" }, "outlook/email medium"],
      [{ referrer: "android-app://com.google.android.gm/" }, "gmail/email medium"],
    ],
    misses: [{ referrer: "https://gmail.example.org/" }, { referrer: "https://mail.example.org/" }],
  },
  referrer_shopping: {
    hits: [
      [{ referrer: "https://www.amazon.co.uk/dp/B0" }, "amazon/referral medium"],
      [{ referrer: "https://www.google.com/shopping/product/1" }, "google-shopping/referral medium"],
    ],
    misses: [{ referrer: "https://aws.amazon.com/" }, { referrer: "https://pay.amazon.com/" }],
  },
  referrer_other: {
    hits: [
      [{ referrer: "https://blog.other.co.uk/post" }, "other.co.uk/referral low"],
      [{ referrer: "https://someone.github.io/" }, "someone.github.io/referral low"],
      [{ referrer: "https://github.com/acme/app" }, "github.com/referral low"],
      [{ referrer: "android-app://com.acme.reader/" }, "com.acme.reader/referral low"],
      [{ referrer: "https://docs.google.com/" }, "google-docs/referral low"],
    ],
    misses: [
      { referrer: "about:blank" },
      { referrer: "chrome-extension://abcdef/page.html" },
      { referrer: "https://www.example.com/" },
    ],
  },
  utm_medium_only: {
    hits: [[{ path: "/?utm_medium=email" }, "unknown/email low"]],
    misses: [{ path: "/?utm_medium=" }, { path: "/?utm_medium=email", referrer: "https://www.google.com/" }],
  },
  direct: {
    hits: [
      [{}, "direct/direct high"],
      [{ referrer: "null" }, "direct/direct high"],
      [{ path: "/?utm_campaign=spring" }, "direct/direct high"],
    ],
    misses: [{ referrer: "https://other.org/" }, { path: "/?fbclid=1" }],
  },
};
