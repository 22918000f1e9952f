import { visitorCookie } from "@millimetric/contracts";

const { name, path, sameSite, maxAgeSeconds } = visitorCookie;

/** The first-party cookie that the site's servers read, too. Never throws. */
export interface Cookie {
  read(): string | undefined;
  /** Sets it, or removes it. */
  write(id: string | undefined): void;
}

/** `domain`: true for the registrable domain, false for no cookie at all. */
export function createCookie(domain: boolean | string): Cookie {
  function read(): string | undefined {
    try {
      const value = new RegExp(`(?:^|; *)${name}="?([^;"]*)`).exec(document.cookie)?.[1];
      return value && decodeURIComponent(value);
    } catch {
      return undefined;
    }
  }

  function set(id: string, on: string, maxAge: number): void {
    const secure = location.protocol === "https:" ? "; Secure" : "";
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is asynchronous, and missing in Safari.
    document.cookie = `${name}=${encodeURIComponent(id)}; Path=${path}${on && `; Domain=${on}`}; Max-Age=${maxAge}; SameSite=${sameSite}${secure}`;
  }

  /** Widest first: browsers refuse what is wider than the registrable domain. An address or `localhost` takes none of them. */
  function domains(): string[] {
    if (typeof domain === "string") return [domain, ""];
    const labels = location.hostname.split(".");
    return labels.map((_, at) => labels.slice(-at - 1).join(".")).concat("");
  }

  return {
    read: () => (domain ? read() : undefined),
    write(id) {
      if (!domain) return;
      try {
        // One that was set for this host alone would come first, and hide the domain's.
        for (const on of domains()) set("", on, 0);
        for (const on of id ? domains() : []) {
          set(id as string, on, maxAgeSeconds);
          if (read() === id) return;
        }
      } catch {
        // Denied, as in a sandboxed frame.
      }
    },
  };
}
