/** Options of `init`. */
export interface Options {
  /** Public key of the project, `pk_…`. */
  key: string;
  /** Base URL of the API, or of the proxy on your own origin. @default the page's own origin; for `a.js` where it was loaded from */
  host?: string | undefined;
  /** Sends `$pageview` on load, on navigation within the page, and when it comes back from the back/forward cache. @default true */
  autoPageview?: boolean | undefined;
  /** Sends when the oldest waiting event is this old, in milliseconds. @default 2000 */
  flushIntervalMs?: number | undefined;
  /** Sends as soon as this many events of this page wait. @default 20 */
  flushBatchSize?: number | undefined;
  /** With Global Privacy Control or Do Not Track nothing is sent and nothing is stored. @default true */
  respectPrivacySignals?: boolean | undefined;
  /**
   * Mirrors the visitor's id in the first-party cookie `aid`, which your servers and sub-domains read: `true` for the registrable domain,
   * or the name of a domain. @default false
   */
  cookie?: boolean | string | undefined;
  /** Where visitor, session and waiting events are kept: with `memory` they end with the page. @default "localStorage" */
  persistence?: "localStorage" | "memory" | undefined;
}
