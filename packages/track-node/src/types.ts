/** Declare your events here (declaration merging) to type the module-level `track`. */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be merged into.
export interface Events {}

/** The events of the module-level functions: {@link Events} when it was merged into, else any name and properties. */
export type DefaultEvents = keyof Events extends never ? Record<string, Record<string, unknown>> : Events;

/** An id; numbers are sent as text. */
export type Id = string | number | bigint;

/** Where an event was made. */
export interface Context {
  locale?: string;
  timezone?: string;
  screen?: string;
  library?: { name: string; version?: string };
  /** The visitor's user agent, for device and browser: the request's `User-Agent` header. */
  user_agent?: string;
}

interface SharedFields {
  /** Counts once per project, however often it is sent. Default: a new UUIDv7. At most 128 characters. */
  event_id?: string | undefined;
  /** When it happened: a Date, ISO 8601 with zone, or epoch milliseconds. Default: now. */
  timestamp?: Date | string | number | undefined;
  /** The visitor, at most 128 characters: the `aid` cookie, see the cookie bridge. */
  anonymous_id?: Id | null | undefined;
  /** The known user, at most 256 characters. */
  user_id?: Id | null | undefined;
  context?: Context | undefined;
}

/** The fields of an event beside its name and properties, as `POST /v1/track` takes them. */
export interface EventFields extends SharedFields {
  session_id?: string | null | undefined;
  /** Full URL, at most 2048 characters: source and campaign are read from it. */
  url?: string | undefined;
  path?: string | undefined;
  referrer?: string | undefined;
  title?: string | undefined;
}

/** Reserved names, accepted beside the declared ones with any properties. */
type Reserved = "$pageview" | "$identify";

export type EventName<E extends object> = (keyof E & string) | Reserved;

type PropertiesOf<E extends object, N extends string> = N extends keyof E ? E[N] : Record<string, unknown>;

/** `properties` may be left out only when none of them is required. */
type WithProperties<P> = Record<never, never> extends P ? { properties?: P | undefined } : { properties: P };

/** One event: its name, its properties (at most 32 KB as JSON), and who and where. */
export type TrackEvent<E extends object = DefaultEvents, N extends EventName<E> = EventName<E>> = EventFields & {
  event: N;
} & WithProperties<PropertiesOf<E, N>>;

/** Ties the visitor `anonymous_id` to the user `user_id`. */
export interface IdentifyEvent extends SharedFields {
  user_id: Id;
  /** What is known about the user; the latest values are kept in the profile. At most 32 KB as JSON. */
  traits?: object | undefined;
}
