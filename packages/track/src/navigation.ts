import { on, safely } from "./safely.ts";

// Follows the visitor through a single-page application.

/** Only `#/…` and `#!…` are places; other hashes are positions on the page, or secrets of a sign-in. */
const hashRoute = () => (/^#!?\//.test(location.hash) ? location.hash : "");
const pathname = () => location.pathname + hashRoute();

/** Of the page before. */
export let referrer: string;
export const address = () => location.href.split("#")[0] + hashRoute();
/** Empty, unless the server cannot tell it from the address: a route in the hash. */
export const path = () => hashRoute() && pathname();

/** Calls `onPage` for each new page that the history shows, and when the page comes back from the back/forward cache. */
export function followHistory(onPage: () => void): void {
  referrer = document.referrer;
  let lastPath = pathname();
  let last = address();

  /** A new query is a new page, unless the entry was replaced: that is how filters keep their state. */
  const moved = safely((replaced: boolean) => {
    const from = last;
    const isNew = pathname() !== lastPath || (!replaced && address() !== from);
    lastPath = pathname();
    last = address();
    if (!isNew) return;
    referrer = from;
    onPage();
  });

  for (const method of ["pushState", "replaceState"] as const) {
    const original = history[method];
    history[method] = function (...args) {
      original.apply(this, args);
      moved(method === "replaceState");
    };
  }
  on("popstate", () => moved(false));
  on("pageshow", (event) => event.persisted && onPage());
}
