/**
 * Source name → other spellings that people put into `utm_source`, without separators. Words that ads are tagged with
 * (`fb_ads`, `tiktok paid`) need no entry; see `normalizeSource`.
 */
export const aliases: Readonly<Record<string, string>> = {
  facebook: "fb an fbig facebookinstagram",
  instagram: "ig insta",
  "instagram-shopping": "igshopping",
  messenger: "msg",
  whatsapp: "wa",
  twitter: "tw x",
  linkedin: "li ln linkdin",
  google: "adwords googleadwords googlesearch googlemybusiness gmb gbp",
  "google-shopping": "googleshoppingads",
  bing: "msads microsoftadvertising",
  duckduckgo: "ddg",
  youtube: "yt",
  tiktok: "tt",
  snapchat: "snap",
  pinterest: "pin",
  telegram: "tg",
  vk: "vkontakte",
  odnoklassniki: "okru",
  "hacker-news": "hn ycombinator",
  "product-hunt": "ph",
  yandex: "yandexdirect",
  amazon: "amzn",
  chatgpt: "openai",
  claude: "anthropic",
  gemini: "bard googlegemini",
  copilot: "microsoftcopilot bingchat",
  perplexity: "perplexityai",
};
