/** Code units of a url or referrer that are looked at; what lies beyond is ignored, so work per event is bounded. */
export const maxLength = 8192;

export interface Location {
  /** Lower case, without the colon; `https` when the text has none. */
  scheme: string;
  /** Lower case, without user, port, brackets or a trailing dot. */
  host: string;
  /** What follows the host, still encoded: `/path?query#fragment` or empty. */
  rest: string;
}

const schemePattern = /^[a-z][a-z0-9+.-]*$/;
const longestScheme = 32;
/** Characters that no host has; one of them means that the text is not an address. */
const notHost = /[^!-~\u00a0-\uffff]|[\s"#%<>?@^`{|}\\]/;
const portPattern = /^\d*$/;
const longestHost = 253;

/**
 * Splits an address without ever throwing: unlike the `URL` class it takes addresses without a scheme and app
 * referrers, and reads at most `maxLength` code units. `undefined` when there is no host to be found.
 */
export function locate(text: string): Location | undefined {
  const address = text.slice(0, maxLength).trim();
  const split = address.indexOf("://");
  const hasScheme = split > 0 && split <= longestScheme && schemePattern.test(address.slice(0, split).toLowerCase());
  const scheme = hasScheme ? address.slice(0, split).toLowerCase() : "https";
  const start = hasScheme ? split + 3 : address.startsWith("//") ? 2 : 0;
  const end = endOfAuthority(address, start);
  const host = hostOf(address.slice(start, end));
  if (host === undefined) return undefined;
  // A bare word is a path or a note, not a host, unless a scheme says so.
  if (start === 0 && !host.includes(".")) return undefined;
  return { scheme, host, rest: address.slice(end) };
}

function endOfAuthority(address: string, start: number): number {
  for (let i = start; i < address.length; i++) {
    const c = address.charCodeAt(i);
    if (c === 47 /* / */ || c === 63 /* ? */ || c === 35 /* # */ || c === 92 /* \ */) return i;
  }
  return address.length;
}

function hostOf(authority: string): string | undefined {
  let host = authority.slice(authority.lastIndexOf("@") + 1);
  if (host.startsWith("[")) {
    const close = host.indexOf("]");
    return close > 1 ? host.slice(1, close).toLowerCase() : undefined;
  }
  const colon = host.indexOf(":");
  if (colon >= 0) {
    if (!portPattern.test(host.slice(colon + 1, colon + 8))) return undefined;
    host = host.slice(0, colon);
  }
  if (host.endsWith(".")) host = host.slice(0, -1);
  if (host === "" || host.length > longestHost || notHost.test(host)) return undefined;
  if (host.startsWith(".") || host.includes("..")) return undefined;
  return isAscii(host) ? host.toLowerCase() : punycode(host);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/** Browsers send internationalised hosts in this form; servers and people may not. */
function punycode(host: string): string | undefined {
  const address = `http://${host}`;
  return URL.canParse(address) ? new URL(address).hostname : undefined;
}
