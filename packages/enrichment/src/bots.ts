import { isbotMatch } from "isbot";

const longestName = 64;
const nameCharacter = /[\w-]/;

/**
 * The name a bot gives itself in its user agent (`googlebot`, `headlesschrome`, `gptbot`), lower case, or `undefined` for
 * people. Who calls itself by a tool's name (`curl`) is a bot, too.
 */
export function botName(userAgent: string): string | undefined {
  const match = isbotMatch(userAgent);
  if (match === null) return undefined;
  // The match is a piece of the name, or the name and more: widen it to a word, and end it where the word ends.
  let start = userAgent.indexOf(match);
  while (start > 0 && nameCharacter.test(userAgent.charAt(start - 1))) start--;
  const [name = "unnamed"] = /[\w-]+/.exec(userAgent.slice(start)) ?? [];
  return name.slice(0, longestName).toLowerCase();
}

const browser = /^mozilla\//i;
/** How crawlers name themselves; programs that deliver events (`node`, `okhttp/4`, `MyBackend/1.0`) do not. */
const crawler = /bot\b|crawl|spider|slurp|externalhit|\+https?:/i;

/**
 * Whether the user agent of a request tells of a visitor. That of a program which sends events for somebody else does not: its
 * events come from neither a browser nor a bot, and counting them as a bot's would hide every event a server sends.
 */
export function tellsOfVisitor(userAgent: string): boolean {
  return browser.test(userAgent) || crawler.test(userAgent);
}
