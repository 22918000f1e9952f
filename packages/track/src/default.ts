import { createClient } from "./client.ts";
import type { Options } from "./options.ts";
import type { Client, DefaultEvents, EventName, IdentifyOptions, PropertiesArgument } from "./types.ts";
import { warn } from "./warn.ts";

let current: Client | undefined;
/** Calls from before `init`: a part of the page may run earlier than the part that starts the SDK. */
let early: Call[] = [];

/** A method and its arguments. */
export type Call = readonly [method: string, ...args: unknown[]];

/** Does it now, or once `init` was called. What goes wrong is told in the console, and never to the page. */
export function call(method: string, ...args: unknown[]): unknown {
  try {
    if (current) return (current as unknown as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args);
    if (early.length < 100) early.push([method, ...args]);
  } catch (error) {
    warn(error);
  }
  return undefined;
}

/**
 * Starts the SDK, and does what was called before. Never throws. A second call changes nothing: the client of the first is returned. On
 * a server it does nothing.
 *
 * @example
 * const mm = init<{ signup: { plan: string } }>({ key: "pk_live_…", host: "https://analytics.example.com" });
 * mm.track("signup", { plan: "pro" });
 */
export function init<E extends object = DefaultEvents>(options: Options): Client<E> {
  try {
    if (typeof document === "object") {
      if (!current && !options?.key) warn("init needs the key of a project.");
      else current ??= createClient(options);
    }
    const calls = current ? early : [];
    early = [];
    for (const [method, ...args] of calls) call(method, ...args);
  } catch (error) {
    warn(error);
  }
  return client as unknown as Client<E>;
}

/** {@link Client.track} of the client that `init` made. */
export const track: <N extends EventName<DefaultEvents>>(
  event: N,
  ...properties: PropertiesArgument<DefaultEvents[N]>
) => string | undefined = (...args) => call("track", ...args) as string | undefined;

/** {@link Client.identify} of the client that `init` made. */
export const identify = (userId: string | number, traits?: object, options?: IdentifyOptions): string | undefined =>
  call("identify", userId, traits, options) as string | undefined;

/** {@link Client.page} of the client that `init` made. */
export const page = (properties?: object): string | undefined => call("page", properties) as string | undefined;

/** {@link Client.flush} of the client that `init` made. */
export const flush = async (): Promise<void> => void (await call("flush"));

/** {@link Client.logout} of the client that `init` made. */
export const logout = (): void => void call("logout");

/** {@link Client.reset} of the client that `init` made. */
export const reset = (): void => void call("reset");

/** {@link Client.getAnonymousId} of the client that `init` made; `undefined` before. */
export const getAnonymousId = (): string | undefined => call("getAnonymousId") as string | undefined;

/** {@link Client.setAnonymousId} of the client that `init` made. */
export const setAnonymousId = (id: string): void => void call("setAnonymousId", id);

/** {@link Client.optOut} of the client that `init` made. */
export const optOut = (): void => void call("optOut");

/** {@link Client.optIn} of the client that `init` made. */
export const optIn = (): void => void call("optIn");

const client = { track, identify, page, flush, logout, reset, getAnonymousId, setAnonymousId, optOut, optIn };
