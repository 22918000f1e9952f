import type { HostTable } from "./table.ts";

export const social: HostTable = {
  facebook: "facebook.com fb.com fb.me app:com.facebook.katana",
  instagram: "instagram.com app:com.instagram.android",
  twitter: "twitter.com x.com t.co app:com.twitter.android",
  linkedin: "linkedin.com lnkd.in app:com.linkedin.android",
  reddit: "reddit.com redd.it app:com.reddit.frontpage",
  tiktok: "tiktok.com",
  pinterest: "pinterest.com pin.it app:com.pinterest",
};
