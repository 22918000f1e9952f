/** Where the visitor is, for the events made there. */
export interface Place {
  url: string;
  /** Only where the server cannot tell it from `url`: a route in the hash. */
  path: string | undefined;
  referrer: string;
}

/** Only `#/…` and `#!…` are places; other hashes are positions on the page, or secrets of a sign-in. */
const hashRoute = () => (/^#!?\//.test(location.hash) ? location.hash : "");
const pathname = () => location.pathname + hashRoute();
const address = () => location.href.split("#")[0] + hashRoute();

/** Follows the visitor through a single-page application. */
export interface Navigation {
  place(): Place;
}

/** Calls `onPage` for each new page that the history shows, and when the page comes back from the back/forward cache. */
export function followHistory(onPage: () => void): Navigation {
  let referrer = document.referrer;
  let path = pathname();
  let url = address();

  /** A new query is a new page, unless the entry was replaced: that is how filters keep their state. */
  function moved(replaced: boolean): void {
    const from = url;
    const isNew = pathname() !== path || (!replaced && address() !== from);
    path = pathname();
    url = address();
    if (!isNew) return;
    referrer = from;
    onPage();
  }

  for (const method of ["pushState", "replaceState"] as const) {
    const original = history[method];
    history[method] = function (...args) {
      original.apply(this, args);
      moved(method === "replaceState");
    };
  }
  addEventListener("popstate", () => moved(false));
  addEventListener("pageshow", (event) => event.persisted && onPage());

  return {
    place: () => ({ url: address(), path: hashRoute() ? pathname() : undefined, referrer }),
  };
}
