import { googleSuffixes } from "./suffixes.ts";
import { type HostTable, under } from "./table.ts";

/** Places with a name of their own that are plain referrals: apps, aggregators, and carve-outs of bigger sites. */
export const known: HostTable = {
  "google-play": "play.google.com app:com.android.vending",
  "google-docs":
    "docs.google.com drive.google.com sheets.google.com slides.google.com app:com.google.android.apps.docs",
  "google-sites": "sites.google.com",
  "google-groups": `${under("groups.google.", googleSuffixes)}`,
  "google-translate": "translate.google.com translate.goog",
  "google-chat": "chat.google.com meet.google.com app:com.google.android.apps.dynamite",
  "google-messages": "messages.google.com app:com.google.android.apps.messaging",
  "google-calendar": "calendar.google.com app:com.google.android.calendar",
  "google-ads-console": "ads.google.com",
  "apple-app-store": "apps.apple.com itunes.apple.com",
  "apple-news": "apple.news",
  slack: "slack.com slack-redir.net app:com.slack app:618783545",
  "microsoft-teams":
    "teams.microsoft.com teams.live.com teams.cloud.microsoft statics.teams.cdn.office.net app:com.microsoft.teams",
  sharepoint: "sharepoint.com",
  notion: "notion.so notion.site app:notion.id",
  trello: "trello.com app:com.trello",
  asana: "app.asana.com",
  jira: "atlassian.net",
  figma: "figma.com",
  github: "github.com app:com.github.android",
  gitlab: "gitlab.com",
  npm: "npmjs.com",
  wikipedia: "wikipedia.org app:org.wikipedia",
  feedly: "feedly.com app:com.devhd.feedly",
  inoreader: "inoreader.com",
  newsblur: "newsblur.com",
  substack: "substack.com app:com.substack.app",
  spotify: "spotify.com app:com.spotify.music",
  aws: "aws.amazon.com amazonaws.com console.aws.amazon.com",
  "yandex-maps": "maps.yandex.ru maps.yandex.com",
  huggingface: "huggingface.co",
};
