import { makeEvent } from "./event.ts";
import { isId, uuid } from "./ids.ts";
import * as journal from "./journal.ts";
import { eventLength, userIdLength } from "./limits.ts";
import { followHistory } from "./navigation.ts";
import type { Options } from "./options.ts";
import { isBlocked, optOutName } from "./privacy.ts";
import * as queue from "./queue.ts";
import { on, safely, warn } from "./safely.ts";
import * as sender from "./sender.ts";
import { meetSession, sessionName } from "./session.ts";
import { configure, settings } from "./settings.ts";
import * as store from "./storage.ts";
import type { Client } from "./types.ts";
import {
  forgetUser,
  forgetVisitor,
  isVisitorId,
  meetVisitor,
  setUser,
  setVisitorId,
  visitorId,
  visitorName,
} from "./visitor.ts";

let tracked = 0;

function push(event: string, properties?: object): string | undefined {
  if (isBlocked()) return;
  const [id, json] = makeEvent(event, properties);
  const { flushIntervalMs, flushBatchSize } = settings;
  queue.push(id, json);
  sender.schedule(++tracked % flushBatchSize ? flushIntervalMs : 0);
  return id;
}

/** Removes everything but the wish not to be followed. */
function forget(): void {
  for (const name of store.names(store.prefix)) if (name !== optOutName) store.remove(name);
  forgetVisitor();
  journal.erase();
}

const autoPage = () => settings.autoPageview !== false && client.page();

export const client: Client = {
  track: (event: string, properties?: object) =>
    typeof event === "string" && event && event.length <= eventLength
      ? push(event, properties)
      : warn("no event name:", event),
  identify(userId, traits, options) {
    const id = typeof userId === "number" ? `${userId}` : userId;
    if (isBlocked()) return;
    if (!isId(id, userIdLength) || id === visitorId()) return warn("no user id:", userId);
    setUser({ id, hash: options?.userHash });
    return push("$identify", traits);
  },
  page: (properties) => push("$pageview", properties),
  flush: sender.flush,
  logout: forgetUser,
  reset() {
    forgetUser();
    store.remove(sessionName);
    if (!isBlocked()) setVisitorId(uuid());
  },
  getAnonymousId: () => (isBlocked() ? undefined : visitorId()),
  setAnonymousId(id) {
    if (!isVisitorId(id)) warn("no visitor id:", id);
    else if (!isBlocked()) setVisitorId(id);
  },
  optOut() {
    store.set(optOutName, "1");
    forget();
    // A full storage had no room for it before.
    store.set(optOutName, "1");
  },
  optIn() {
    if (!store.get(optOutName)) return;
    store.remove(optOutName);
    client.reset();
    autoPage();
  },
};

/** Listens to the page, and begins. */
export function start(options: Options): void {
  const { host = location.origin, flushIntervalMs = 2_000, flushBatchSize = 20 } = options;
  configure({ ...options, host: host.replace(/\/+$/, ""), flushIntervalMs, flushBatchSize });
  followHistory(autoPage);
  on("visibilitychange", () => document.hidden && sender.leave());
  on("pagehide", sender.leave);
  // The page is there, perhaps again: from the back/forward cache.
  on("pageshow", () => sender.schedule(flushIntervalMs));
  on("online", sender.online);
  on("storage", ({ key, newValue }) => {
    // Another tab's visitor may have opted out.
    if (isBlocked()) return key === optOutName && forget();
    // Events of other tabs, which may die before they have sent them.
    if (key?.startsWith(queue.queuePrefix)) sender.schedule(5 * flushIntervalMs);
    if (key === visitorName) meetVisitor(newValue);
    if (key === sessionName) meetSession(newValue);
  });
  if (isBlocked()) safely(forget)();
  else {
    autoPage();
    sender.schedule(flushIntervalMs);
  }
}
