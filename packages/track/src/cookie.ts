import { cookieMaxAge, cookieName } from "./limits.ts";
import { settings } from "./settings.ts";

// The first-party cookie that the site's servers read, too. Never throws: where it is denied, as in a sandboxed frame, there is none.

export function read(): string | undefined {
  if (!settings.cookie) return undefined;
  try {
    const value = new RegExp(`(?:^|; *)${cookieName}="?([^;"]*)`).exec(document.cookie)?.[1];
    return value && decodeURIComponent(value);
  } catch {
    return undefined;
  }
}

/** Sets it, or removes it. */
export function write(id: string): void {
  if (!settings.cookie) return;
  try {
    // One that was set for this host alone would come first, and hide the domain's.
    for (const domain of domains()) set("", domain, 0);
    if (id) domains().find((domain) => set(id, domain, cookieMaxAge) === id);
  } catch {
    // Denied.
  }
}

/** Widest first: browsers refuse what is wider than the registrable domain. An address or `localhost` takes none of them. */
function domains(): string[] {
  const { cookie } = settings;
  if (typeof cookie === "string") return [cookie, ""];
  const labels = location.hostname.split(".");
  return labels.map((_, at) => labels.slice(-at - 1).join(".")).concat("");
}

/** Gives what is there then. */
function set(id: string, domain: string, maxAge: number): string | undefined {
  const on = domain && `; Domain=${domain}`;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is asynchronous, and missing in Safari.
  document.cookie = `${cookieName}=${encodeURIComponent(id)}; Path=/${on}; Max-Age=${maxAge}; SameSite=Lax${secure}`;
  return read();
}
