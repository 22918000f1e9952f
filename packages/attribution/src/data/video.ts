import type { HostTable } from "./table.ts";

export const video: HostTable = {
  youtube: "youtube.com youtu.be youtube-nocookie.com app:com.google.android.youtube",
  vimeo: "vimeo.com",
  twitch: "twitch.tv",
};
