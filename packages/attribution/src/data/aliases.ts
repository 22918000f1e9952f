/** Source name → other spellings that people put into `utm_source`, without separators (`fb_ads` is `fbads`). */
export const aliases: Readonly<Record<string, string>> = {
  facebook: "fb fbads facebookads facebookad",
  instagram: "ig insta igads instagramads",
  twitter: "tw x twitterads xads",
  linkedin: "li linkedinads",
  google: "adwords googleads googleadwords",
  bing: "bingads microsoftads",
  youtube: "yt youtubeads",
  tiktok: "tt tiktokads",
};
