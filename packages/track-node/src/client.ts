import { MillimetricError } from "./errors.ts";
import { prepareEvent, unknownFields } from "./event.ts";
import { setUnsent, type Unsent } from "./exit.ts";
import { Ledger } from "./ledger.ts";
import { type Options, resolveOptions, type Settings } from "./options.ts";
import { makeReporter } from "./reporter.ts";
import { Sender } from "./sender.ts";
import type { DefaultEvents, EventName, IdentifyEvent, TrackEvent } from "./types.ts";

/** How long `flush` and `close` may take. */
export interface WaitOptions {
  /** Milliseconds. @default `flush`: no limit but `retryForMs`; `close`: 5000 */
  timeoutMs?: number | undefined;
  /** Ends the waiting early, as the time-out does. */
  signal?: AbortSignal | undefined;
}

/** Counts since the client was made, and what waits now. */
export interface Stats {
  /** Events that wait for a request. */
  queued: number;
  /** Events of the request that runs or is being tried again. */
  inFlight: number;
  /** Events that the API took. */
  accepted: number;
  /** Events that the API refused, one by one or with their whole request. */
  rejected: number;
  /** Events lost on this side: queue full, retries used up, closed, aborted, process ended. */
  dropped: number;
  /** Calls of `track` and `identify` whose event was not queued. */
  invalid: number;
  /** Requests sent, retries included. */
  requests: number;
  /** Requests that were sent again. */
  retries: number;
}

/** What became of events while `flush` or `close` waited; `pending` is what still waits now. */
export type FlushResult = Pick<Stats, "accepted" | "rejected" | "dropped"> & { pending: number };

const closeTimeoutMs = 5000;

/**
 * A client of the Millimetric API: queues events, sends them in batches, and tries again until they are stored.
 * `track` and `identify` never throw and never wait.
 *
 * @example
 * const mm = new Millimetric({ key: "sk_live_…", host: "https://analytics.example.com" });
 * mm.track({ event: "signup", user_id: "user_42", anonymous_id: aid, properties: { plan: "free" } });
 * await mm.close();
 */
export class Millimetric<E extends object = DefaultEvents> {
  readonly #settings: Settings;
  readonly #report: (error: MillimetricError) => void;
  readonly #ledger: Ledger;
  readonly #sender: Sender;
  #invalid = 0;
  #closing: Promise<FlushResult> | undefined;

  /** @throws {MillimetricError} `invalid_options`, with what is wrong */
  constructor(options: Options = {}) {
    this.#settings = resolveOptions(options);
    this.#report = makeReporter(this.#settings.onError);
    this.#ledger = new Ledger(this.#report);
    const unsent: Unsent = {
      finish: () => this.#finish(),
      abandon: () => this.#sender.dropAll("lost_at_exit", "the process ended before these events were sent."),
    };
    this.#sender = new Sender({
      settings: this.#settings,
      ledger: this.#ledger,
      report: this.#report,
      onBusy: (busy) => setUnsent(unsent, busy),
    });
    this.#listenTo(this.#settings.signal);
  }

  /** Counts since the client was made, and what waits now. */
  get stats(): Stats {
    const { accepted, rejected, dropped } = this.#ledger;
    const { queued, inFlight, requests, retries } = this.#sender;
    return { queued, inFlight, accepted, rejected, dropped, invalid: this.#invalid, requests, retries };
  }

  /**
   * Queues one event. Never throws: an event that cannot be sent goes to `onError` as `invalid_event`.
   *
   * @returns the event's id, or `undefined` when it was not queued
   */
  track<N extends EventName<E>>(event: TrackEvent<E, N>): string | undefined {
    return this.#enqueue(event);
  }

  /**
   * Ties a visitor to a user: everything this visitor did before belongs to the user from then on. Call it on every
   * sign-up and sign-in. Never throws.
   *
   * @returns the event's id, or `undefined` when it was not queued
   */
  identify(identity: IdentifyEvent): string | undefined {
    const { traits, ...rest } = identity ?? {};
    if (rest.user_id === undefined || rest.user_id === null)
      return this.#refuse(new MillimetricError("invalid_event", "identify needs user_id.", { count: 1 }));
    return this.#enqueue({ ...rest, event: "$identify", properties: traits });
  }

  /**
   * Sends what waits, and resolves when every event tracked before the call was taken, refused or given up. Never
   * rejects. With a time-out, what is not through by then stays queued, and is still sent later.
   */
  async flush(options: WaitOptions = {}): Promise<FlushResult> {
    const before = this.stats;
    this.#sender.start();
    await this.#wait(options);
    return this.#since(before);
  }

  /**
   * Refuses new events, sends what waits, and stops. What is not through when the time is over is dropped and
   * reported. Never rejects; further calls give the first one's promise.
   */
  close(options: WaitOptions = {}): Promise<FlushResult> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  async #close({ timeoutMs = closeTimeoutMs, signal }: WaitOptions): Promise<FlushResult> {
    const before = this.stats;
    this.#sender.start();
    this.#sender.hurry();
    await this.#wait({ timeoutMs, signal });
    this.#sender.dropAll("closed", "the client was closed before these events were sent.");
    return this.#since(before);
  }

  /** For a process that ends by itself: it is kept for the last events, but not for long. */
  async #finish(): Promise<void> {
    this.#sender.start();
    this.#sender.hurry();
    if (this.#settings.exitTimeoutMs > 0) await this.#wait({ timeoutMs: this.#settings.exitTimeoutMs });
    this.#sender.dropAll("lost_at_exit", "the process ended before these events were sent.");
  }

  async #wait({ timeoutMs, signal }: WaitOptions): Promise<void> {
    if (signal?.aborted) return;
    this.#sender.holdProcess(1);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let stop = () => {};
    const early = new Promise<void>((resolve) => {
      stop = resolve;
      if (timeoutMs !== undefined) timer = setTimeout(resolve, timeoutMs);
      signal?.addEventListener("abort", stop, { once: true });
    });
    await Promise.race([this.#sender.settled(), early]);
    clearTimeout(timer);
    signal?.removeEventListener("abort", stop);
    this.#sender.holdProcess(-1);
  }

  #since(before: Stats): FlushResult {
    const now = this.stats;
    return {
      accepted: now.accepted - before.accepted,
      rejected: now.rejected - before.rejected,
      dropped: now.dropped - before.dropped,
      pending: now.queued + now.inFlight,
    };
  }

  #enqueue(event: object): string | undefined {
    try {
      if (this.#closing !== undefined || this.#settings.signal?.aborted)
        throw new MillimetricError("closed", "the client is closed, the event was not queued.", { count: 1 });
      const raw = event as Readonly<Record<string, unknown>>;
      const item = prepareEvent(raw, Date.now());
      const unknown = unknownFields(raw);
      if (unknown.length > 0)
        this.#report(new MillimetricError("unknown_field", `unknown fields were left out: ${unknown.join(", ")}.`));
      this.#sender.push(item);
      return item.event_id;
    } catch (cause) {
      return this.#refuse(cause);
    }
  }

  #refuse(cause: unknown): undefined {
    this.#invalid++;
    this.#report(
      cause instanceof MillimetricError
        ? cause
        : new MillimetricError("invalid_event", `the event cannot be read (${cause}).`, { count: 1, cause }),
    );
  }

  #listenTo(signal: AbortSignal | undefined): void {
    const stop = () => this.#sender.dropAll("aborted", "the signal was aborted before these events were sent.");
    signal?.addEventListener("abort", stop, { once: true });
  }
}
