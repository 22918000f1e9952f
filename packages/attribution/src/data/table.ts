/**
 * Source name → its hosts, separated by white space.
 *
 * - `host` covers the host and its subdomains; the longest entry wins, so a subdomain can be another source.
 * - `=host` covers only itself and its `www.` and `m.` forms: a portal whose subdomains are other things.
 * - `host/segment` covers one first path segment of exactly that host (`www.` and `m.` included).
 * - `app:package` is an Android package or an App Store number.
 */
export type HostTable = Readonly<Record<string, string>>;

/** The same entry under many public suffixes: `under("=google.", "com de")` is `=google.com =google.de`. */
export function under(prefix: string, suffixes: string): string {
  return suffixes
    .trim()
    .split(/\s+/)
    .map((suffix) => prefix + suffix)
    .join(" ");
}
