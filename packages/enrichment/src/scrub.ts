import { isSensitiveName, isSensitiveValue, plainName } from "./sensitive.ts";

/** Cuts what must not be kept from an address: pure, never throws, and twice is the same as once. */
export type Scrub = (url: string) => string;

/** Addresses inside addresses are followed this far; deeper ones are cut whole. */
const deepest = 3;

/**
 * Makes a scrubber. It cuts from a url, a relative reference or an app referrer
 *
 * - parameters with a sensitive name (`token`, `password`, `email`, …) or one of `alsoCut`, from the query and from a query in
 *   the fragment; names count in any case, with or without separators, escaped or not;
 * - parameters that hold an e-mail address or a JSON web token under another name;
 * - the `code` of an OAuth answer, known by the `state` beside it;
 * - a user name and password before the host;
 *
 * and the same from addresses inside parameters (`?next=https%3A%2F%2F…`). `utm_…` parameters stay, whatever they hold, unless
 * `alsoCut` names them. What remains is left byte for byte as it was.
 */
export function createScrubber(alsoCut: readonly string[] = []): Scrub {
  const extra = new Set(alsoCut.map(plainName));

  function isCut(name: string, value: string, isOAuth: boolean): boolean {
    const plain = plainName(name);
    if (extra.has(plain)) return true;
    if (name.toLowerCase().startsWith("utm_")) return false;
    return isSensitiveName(plain) || isSensitiveValue(value) || (isOAuth && plain === "code");
  }

  /** One parameter as it may be kept, or `undefined`. */
  function scrubParameter(part: string, isOAuth: boolean, depth: number): string | undefined {
    const equals = part.indexOf("=");
    if (equals < 0) return isSensitiveValue(decode(part)) ? undefined : part;
    const value = decode(part.slice(equals + 1));
    if (isCut(decode(part.slice(0, equals)), value, isOAuth)) return undefined;
    if (!isAddress(value)) return part;
    const inner = depth === 0 ? "" : scrub(value, depth - 1);
    return inner === value ? part : part.slice(0, equals + 1) + encodeURIComponent(inner.toWellFormed());
  }

  /** Parameters and their separators; a separator goes with the parameter after it. */
  function scrubParameters(text: string, depth: number): string {
    const isOAuth = oAuthState.test(text);
    // Parameters at even places, the separators between them at odd ones.
    const parts = text.split(separator);
    let kept: string | undefined;
    for (let i = 0; i < parts.length; i += 2) {
      const clean = scrubParameter(parts[i] ?? "", isOAuth, depth);
      if (clean !== undefined) kept = kept === undefined ? clean : kept + parts[i - 1] + clean;
    }
    return kept ?? "";
  }

  function scrub(url: string, depth: number): string {
    const hash = url.indexOf("#");
    const beforeHash = hash < 0 ? url : url.slice(0, hash);
    const question = beforeHash.indexOf("?");
    const base = scrubBase(question < 0 ? beforeHash : beforeHash.slice(0, question));
    const query = question < 0 ? undefined : beforeHash.slice(question + 1);
    return base + scrubPart("?", query, depth) + scrubFragment(hash < 0 ? undefined : url.slice(hash + 1), depth);
  }

  function scrubPart(mark: string, text: string | undefined, depth: number): string {
    if (text === undefined) return "";
    const kept = scrubParameters(text, depth);
    return kept === "" && text !== "" ? "" : mark + kept;
  }

  /** A fragment is a query (`#access_token=…`), a page with a query (`#/page?token=…`), or a place on the page. */
  function scrubFragment(fragment: string | undefined, depth: number): string {
    if (fragment === undefined) return "";
    const question = fragment.indexOf("?");
    const place = question < 0 ? fragment : fragment.slice(0, question);
    const query = question < 0 ? undefined : fragment.slice(question + 1);
    const kept = (place.includes("=") ? scrubParameters(place, depth) : place) + scrubPart("?", query, depth);
    return kept === "" && fragment !== "" ? "" : `#${kept}`;
  }

  /** Scheme, host and path. */
  function scrubBase(base: string): string {
    const [start] = authorityStart.exec(base) ?? [];
    if (start === undefined) {
      const kept = scrubPath(base);
      return kept === base ? base : scrubBase(kept);
    }
    const rest = base.slice(start.length);
    const slash = rest.search(slashes);
    const authority = slash < 0 ? rest : rest.slice(0, slash);
    const path = slash < 0 ? "" : rest.slice(slash);
    return start + authority.slice(authority.lastIndexOf("@") + 1) + scrubPath(path);
  }

  /** Java servers put the session into the path: `/cart;jsessionid=…`. */
  function scrubPath(path: string): string {
    if (!path.includes(";")) return path;
    return path.replace(pathParameter, (all, name: string) => (isCut(decode(name), "", false) ? "" : all));
  }

  return (url) => (mayHoldSomething.test(url) ? scrub(url, deepest) : url);
}

const mayHoldSomething = /[?#@;]/;
const separator = /([&;])/;
const oAuthState = /(?:^|[&;])state=/;
const pathParameter = /;([^;/=]+)=[^;/]*/g;
/** Browsers read both as the end of a host. */
const slashes = /[/\\]/;
const authorityStart = /^(?:[a-z][a-z0-9+.-]*:)?\/\//i;

const isAddress = (value: string) => authorityStart.test(value) || /^\/[^?#]*[?#]/.test(value);

/** Form decoding that leaves a malformed text as it stands. */
function decode(raw: string): string {
  const spaced = raw.includes("+") ? raw.replaceAll("+", " ") : raw;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
