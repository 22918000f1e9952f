import type { HostTable } from "./table.ts";

export const search: HostTable = {
  google: "=google.com =google.de =google.co.uk =google.fr app:com.google.android.googlequicksearchbox",
  bing: "bing.com",
  yahoo: "=yahoo.com search.yahoo.com",
  duckduckgo: "duckduckgo.com",
  baidu: "baidu.com",
  yandex: "=yandex.ru =yandex.com ya.ru",
  ecosia: "ecosia.org",
  brave: "search.brave.com",
};
