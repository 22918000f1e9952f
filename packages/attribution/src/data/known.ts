import { googleSuffixes } from "./suffixes.ts";
import { type HostTable, under } from "./table.ts";

/**
 * Plain referrals that their registrable domain would name badly: services under the domain of something else, and places
 * whose app or second domain should count with the first.
 */
export const known: HostTable = {
  "google-play": "play.google.com app:com.android.vending",
  "google-docs":
    "docs.google.com drive.google.com sheets.google.com slides.google.com app:com.google.android.apps.docs",
  "google-sites": "sites.google.com",
  "google-groups": under("groups.google.", googleSuffixes),
  "google-translate": "translate.google.com translate.goog",
  "google-chat": "chat.google.com meet.google.com app:com.google.android.apps.dynamite",
  "google-messages": "messages.google.com app:com.google.android.apps.messaging",
  "google-calendar": "calendar.google.com app:com.google.android.calendar",
  "google-ads-console": "ads.google.com",
  "apple-app-store": "apps.apple.com itunes.apple.com",
  aws: "aws.amazon.com amazonaws.com",
  "yandex-maps": "maps.yandex.ru maps.yandex.com",
  "microsoft-teams":
    "teams.microsoft.com teams.live.com teams.cloud.microsoft statics.teams.cdn.office.net app:com.microsoft.teams",
  "slack.com": "slack.com slack-redir.net app:com.slack app:618783545",
  "notion.so": "notion.so notion.site app:notion.id",
  "trello.com": "trello.com app:com.trello",
  "github.com": "github.com app:com.github.android",
  "wikipedia.org": "wikipedia.org app:org.wikipedia",
  "feedly.com": "feedly.com app:com.devhd.feedly",
  "substack.com": "substack.com app:com.substack.app",
  "spotify.com": "spotify.com app:com.spotify.music",
};
