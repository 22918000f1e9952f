/** Declare your events here (declaration merging) to type the module-level `track`. */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be merged into.
export interface Events {}

/** The events of the module-level functions: {@link Events} when it was merged into, else any name and properties. */
export type DefaultEvents = keyof Events extends never ? Record<string, Record<string, unknown>> : Events;

/** The names of declared events. */
export type EventName<E extends object> = keyof E & string;

/** `properties` may be left out only when none of them is required. */
export type PropertiesArgument<P> = Record<never, never> extends P ? [properties?: P] : [properties: P];

/** How the page identifies its user. */
export interface IdentifyOptions {
  /**
   * Proof that the page may speak for this user, for projects that verify identities: made on your server by `userHash()` of
   * `@millimetric/track-node`. It is sent with every event of the user until logout.
   */
  userHash?: string | undefined;
}

/** What `init` returns; the functions of the module do the same with the client that `init` made. */
export interface Client<E extends object = DefaultEvents> {
  /** Queues one event with its properties (at most 32 KB as JSON), and returns its id, or `undefined` when it was not queued. */
  track<N extends EventName<E>>(event: N, ...properties: PropertiesArgument<E[N]>): string | undefined;
  /**
   * Says who the visitor is. What this visitor did before belongs to the user from then on, and every later event carries the user's id
   * until `logout`. Call it on sign-up, sign-in and account switch; calling it on every page is fine. An id that is nobody's (`undefined`,
   * `""`, `"null"`, …) does nothing but warn.
   */
  identify(userId: string | number, traits?: object, options?: IdentifyOptions): string | undefined;
  /** Queues a `$pageview` of the present address. Only needed with `autoPageview: false`. */
  page(properties?: object): string | undefined;
  /** Sends what waits now. Resolves when all is stored, or the next try has to wait; never rejects. */
  flush(): Promise<void>;
  /** Forgets the user. The visitor stays the same: the link between them is history. */
  logout(): void;
  /** Forgets the user and makes a new visitor with a new session: for devices that strangers share. */
  reset(): void;
  /** The visitor's id, for requests to your own server; `undefined` when the visitor is not followed. */
  getAnonymousId(): string | undefined;
  /** Makes this the visitor's id: one that another system made, at most 128 characters. */
  setAnonymousId(id: string): void;
  /** Stops following this visitor, now and on later visits, and removes everything stored but this wish. */
  optOut(): void;
  /** Takes `optOut` back. */
  optIn(): void;
}
