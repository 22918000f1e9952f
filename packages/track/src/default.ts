import { client, start } from "./client.ts";
import type { Options } from "./options.ts";
import { safely, warn } from "./safely.ts";
import type { Client, DefaultEvents } from "./types.ts";

let current: Client | undefined;
/** Calls from before `init`: a part of the page may run earlier than the part that starts the SDK. */
const early: Call[] = [];
const mostEarly = 1_000;

/** A method and its arguments. */
export type Call = readonly [method: string, ...args: unknown[]];

/** Does it now, or once `init` was called. */
export const call = /* @__PURE__ */ safely((method: string, ...args: unknown[]): unknown => {
  if (!current) return early.length < mostEarly && void early.push([method, ...args]);
  return (current as unknown as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args);
});

/**
 * Starts the SDK, and does what was called before. Never throws. A second call changes nothing: the client of the first is returned. On
 * a server it does nothing.
 *
 * @example
 * const mm = init<{ signup: { plan: string } }>({ key: "pk_live_…", host: "https://analytics.example.com" });
 * mm.track("signup", { plan: "pro" });
 */
export function init<E extends object = DefaultEvents>(options: Options): Client<E> {
  begin(options);
  return api as unknown as Client<E>;
}

/** Whether the page is only made ready, for a visitor who may come. */
const isPrerendered = () => (document as Document & { prerendering?: boolean }).prerendering;

const begin = /* @__PURE__ */ safely((options: Options) => {
  if (current || typeof document !== "object") return;
  if (!options?.key) return warn("init needs a key");
  if (isPrerendered()) return document.addEventListener("prerenderingchange", () => begin(options));
  current = client;
  start(options);
  for (const one of early.splice(0)) call(...one);
});

/** A method of the client that `init` made. */
const method = <Name extends keyof Client>(name: Name) => ((...args: unknown[]) => call(name, ...args)) as Client[Name];

/** {@link Client.track} of the client that `init` made. */
export const track: Client["track"] = /* @__PURE__ */ method("track");

/** {@link Client.identify} of the client that `init` made. */
export const identify: Client["identify"] = /* @__PURE__ */ method("identify");

/** {@link Client.page} of the client that `init` made. */
export const page: Client["page"] = /* @__PURE__ */ method("page");

/** {@link Client.flush} of the client that `init` made. */
export const flush: Client["flush"] = async () => void (await call("flush"));

/** {@link Client.logout} of the client that `init` made. */
export const logout: Client["logout"] = /* @__PURE__ */ method("logout");

/** {@link Client.reset} of the client that `init` made. */
export const reset: Client["reset"] = /* @__PURE__ */ method("reset");

/** {@link Client.getAnonymousId} of the client that `init` made; `undefined` before. */
export const getAnonymousId: Client["getAnonymousId"] = /* @__PURE__ */ method("getAnonymousId");

/** {@link Client.setAnonymousId} of the client that `init` made. */
export const setAnonymousId: Client["setAnonymousId"] = /* @__PURE__ */ method("setAnonymousId");

/** {@link Client.optOut} of the client that `init` made. */
export const optOut: Client["optOut"] = /* @__PURE__ */ method("optOut");

/** {@link Client.optIn} of the client that `init` made. */
export const optIn: Client["optIn"] = /* @__PURE__ */ method("optIn");

/** Everything but `init`. */
export const api: Client = {
  track,
  identify,
  page,
  flush,
  logout,
  reset,
  getAnonymousId,
  setAnonymousId,
  optOut,
  optIn,
};
