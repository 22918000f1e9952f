import { limits } from "@millimetric/contracts";
import packageJson from "../package.json" with { type: "json" };
import { uuid } from "./ids.ts";
import type { Place } from "./navigation.ts";
import type { Waiting } from "./queue.ts";
import type { User } from "./visitor.ts";

/** Who and where, when an event is made. */
export interface Origin extends Place {
  anonymousId: string;
  sessionId: string;
  user: User | undefined;
}

const cut = (text: string) => text.slice(0, limits.text) || undefined;

let timezone: string | undefined;

/** An event as the wire has it, with its id, made once. */
export function makeEvent(event: string, properties: object | undefined, origin: Origin): Waiting {
  const { anonymousId, sessionId, user, url, path, referrer } = origin;
  // Asking takes a tenth of a millisecond.
  timezone ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
  const id = uuid();
  const json = JSON.stringify({
    event,
    event_id: id,
    timestamp: Date.now(),
    anonymous_id: anonymousId,
    user_id: user?.id,
    user_hash: user?.hash,
    session_id: sessionId,
    url: cut(url),
    path: path && cut(path),
    referrer: cut(referrer),
    title: cut(document.title),
    properties,
    context: {
      locale: navigator.language,
      timezone,
      screen: `${screen.width}x${screen.height}`,
      viewport: `${innerWidth}x${innerHeight}`,
      library: { name: packageJson.name, version: packageJson.version },
    },
  });
  // Halves of characters and NUL, which the API would refuse, are written so.
  return { id, json: json.replace(/\\u(0000|d[89a-f]..)/gi, "\\ufffd") };
}
