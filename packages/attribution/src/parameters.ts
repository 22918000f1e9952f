import { type ClickId, clickIds } from "./data/click-ids.ts";
import { maxLength } from "./location.ts";
import { cut } from "./text.ts";

/** The campaign parameters of Google's URL builder; any other `utm_…` parameter is kept, too. */
export const utmParameters: readonly string[] = [
  "utm_source",
  "utm_medium",
  "utm_campaign",
  "utm_term",
  "utm_content",
  "utm_id",
  "utm_source_platform",
  "utm_creative_format",
  "utm_marketing_tactic",
];

export const clickIdByParameter: ReadonlyMap<string, ClickId> = new Map(clickIds.map((id) => [id.parameter, id]));

const maxParameters = 64;
const longestName = 64;
/** Code units; longer values are cut. Real click ids stay below 300. */
const longestValue = 1024;
const utmName = /^utm_[a-z0-9_]+$/;

/**
 * The utm_* and click-id parameters of a url, by lower-case name, with decoded values: from its query, and from a
 * query inside its fragment (`#/page?utm_source=…`, `#utm_source=…`). The first non-empty value wins. Unfilled
 * templates (`{{ad.name}}`) count as empty. Never throws; `{}` when there is nothing.
 */
export function campaignParameters(url: string): Record<string, string> {
  const found: Record<string, string> = {};
  const text = url.length > maxLength ? url.slice(0, maxLength) : url;
  const hash = text.indexOf("#");
  const queryEnd = hash < 0 ? text.length : hash;
  const query = text.indexOf("?");
  let room = maxParameters;
  if (query >= 0 && query < queryEnd) room = collect(text, query + 1, queryEnd, found, room);
  if (hash >= 0) {
    const inner = text.indexOf("?", hash);
    collect(text, (inner < 0 ? hash : inner) + 1, text.length, found, room);
  }
  return found;
}

function collect(text: string, from: number, to: number, found: Record<string, string>, max: number): number {
  let room = max;
  for (let start = from; start < to && room > 0; ) {
    let end = text.indexOf("&", start);
    if (end < 0 || end > to) end = to;
    const equals = text.indexOf("=", start);
    if (equals > start && equals < end && equals - start <= longestName) {
      const name = parameterName(text.slice(start, equals));
      if (name !== undefined && found[name] === undefined) {
        const value = cleanValue(text.slice(equals + 1, end));
        if (value !== "") {
          found[name] = value;
          room--;
        }
      }
    }
    start = end + 1;
  }
  return room;
}

/** `undefined` for a parameter that says nothing about where a visit came from. */
function parameterName(raw: string): string | undefined {
  let name = raw.toLowerCase();
  if (name.includes("%")) name = decode(name).toLowerCase();
  // Links copied out of HTML source carry `&amp;` between parameters.
  if (name.startsWith("amp;")) name = name.slice(4);
  return clickIdByParameter.has(name) || utmName.test(name) ? name : undefined;
}

/** Everything below space, and what Unicode has as controls above `~`. */
const controls = /[^ -~\u00a0-\uffff]+/g;
/** A value that is nothing but a placeholder of an ad server that did not fill it in. */
const placeholder = /^(?:\{\{[^{}]*\}\}|\{[^{}]*\}|\[[^[\]]*\]|__[A-Z_]+__|\$\{[^{}]*\})$/;
const blanks = new Set(["", "(not set)", "(none)", "null", "undefined"]);

function cleanValue(raw: string): string {
  const value = cut(decode(raw), longestValue).replace(controls, " ").trim();
  return blanks.has(value.toLowerCase()) || placeholder.test(value) ? "" : value;
}

/** Form decoding that leaves a malformed value as it stands. */
function decode(raw: string): string {
  const spaced = raw.includes("+") ? raw.replaceAll("+", " ") : raw;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
