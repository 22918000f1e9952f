import { limits } from "@millimetric/contracts";
import { createCookie } from "./cookie.ts";
import { makeEvent } from "./event.ts";
import { isId, uuid } from "./ids.ts";
import { followHistory } from "./navigation.ts";
import type { Options } from "./options.ts";
import { isOptedOut, isSignalled } from "./privacy.ts";
import { createQueue } from "./queue.ts";
import { createSender } from "./sender.ts";
import { touchSession } from "./session.ts";
import { createStore } from "./storage.ts";
import type { Client } from "./types.ts";
import { createVisitor } from "./visitor.ts";
import { warn } from "./warn.ts";

/** Wires the parts together, and listens to the page. */
export function createClient({
  key,
  host = location.origin,
  autoPageview = true,
  flushIntervalMs = 2_000,
  flushBatchSize = 20,
  respectPrivacySignals = true,
  cookie = false,
  persistence = "localStorage",
}: Options): Client {
  const store = createStore(persistence === "localStorage");
  const mirror = createCookie(cookie);
  const visitor = createVisitor(store, mirror);
  const queue = createQueue(store, (dropped) => warn(`${dropped} events dropped: too many wait.`));
  const url = `${host.replace(/\/+$/, "")}/v1/batch`;
  const isBlocked = () => (respectPrivacySignals && isSignalled()) || isOptedOut(store);
  const sender = createSender({ url, key, intervalMs: flushIntervalMs, store, queue, tab: uuid(), isBlocked });
  let tracked = 0;

  function forget(): void {
    for (const name of store.names("")) if (name !== "out") store.remove(name);
    visitor.forget();
  }

  const navigation = followHistory(() => autoPageview && client.page());

  function push(event: string, properties?: object): string | undefined {
    if (isBlocked()) return;
    const origin = { anonymousId: visitor.id(), sessionId: touchSession(store), user: visitor.user() };
    const made = makeEvent(event, properties, { ...navigation.place(), ...origin });
    queue.push(made);
    sender.schedule(++tracked % flushBatchSize ? flushIntervalMs : 0);
    return made.id;
  }

  const client: Client = {
    track(event: string, properties?: object) {
      return isName(event) ? push(event, properties) : warn("track needs the name of an event.");
    },
    identify(userId, traits, { userHash } = {}) {
      const id = typeof userId === "number" ? `${userId}` : userId;
      if (!isId(id, limits.userId)) return warn("not an id of a user:", userId);
      if (isBlocked()) return;
      if (id === visitor.id()) return warn("the id of a user is not the visitor's:", userId);
      visitor.setUser({ id, hash: userHash });
      return push("$identify", traits);
    },
    page: (properties) => push("$pageview", properties),
    flush: () => sender.flush(),
    logout: () => visitor.setUser(undefined),
    reset() {
      visitor.setUser(undefined);
      store.remove("sid");
      if (!isBlocked()) visitor.setId(uuid());
    },
    getAnonymousId: () => (isBlocked() ? undefined : visitor.id()),
    setAnonymousId(id) {
      if (!isId(id, limits.anonymousId)) warn("not an id of a visitor:", id);
      else if (!isBlocked()) visitor.setId(id);
    },
    optOut() {
      store.set("out", "1");
      forget();
    },
    optIn() {
      if (!isOptedOut(store)) return;
      store.remove("out");
      if (autoPageview) client.page();
    },
  };

  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && sender.leave(false));
  addEventListener("pagehide", () => sender.leave(true));
  addEventListener("pageshow", () => sender.back());
  addEventListener("online", () => sender.online());
  // Events of other tabs, which may die before they have sent them.
  addEventListener("storage", (event) => event.key?.startsWith("mm_q") && sender.schedule(5 * flushIntervalMs));
  if (isBlocked()) forget();
  else if (autoPageview) client.page();
  // What an earlier page left.
  sender.schedule(flushIntervalMs);
  return client;
}

const isName = (event: unknown) => typeof event === "string" && event.length > 0 && event.length <= limits.event;
