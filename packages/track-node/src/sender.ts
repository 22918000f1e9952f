import { limits } from "@millimetric/contracts";
import type { MillimetricError } from "./errors.ts";
import type { DropCode, Ledger } from "./ledger.ts";
import type { Settings } from "./options.ts";
import { EventQueue, type Queued } from "./queue.ts";
import { backOffMs } from "./retry.ts";
import { later, Pause } from "./timers.ts";
import { Transport } from "./transport.ts";

/** Bytes of events in one request: under the 1 MB that proxies commonly allow, well under the API's 4 MB. */
const batchBytes = 900_000;

interface SenderDeps {
  settings: Settings;
  ledger: Ledger;
  /** Told of a request that is being tried again. */
  report: (error: MillimetricError) => void;
  /** Told when the first event waits, and when nothing waits or runs any more. */
  onBusy: (busy: boolean) => void;
}

/** Takes events from the queue and sees each batch through, one at a time and in order. */
export class Sender {
  /** Requests sent, retries included. */
  requests = 0;
  retries = 0;
  readonly #deps: SenderDeps;
  readonly #queue: EventQueue;
  readonly #transport: Transport;
  #inFlight: readonly Queued[] = [];
  #running = false;
  #maxBatchBytes = batchBytes;
  #cancelTimer: (() => void) | undefined;
  #pause: Pause | undefined;
  #pauseWasAsked = false;
  #keepAlive = 0;
  #lastPlace = 0;
  #waiting: { upTo: number; resolve: () => void }[] = [];

  constructor(deps: SenderDeps) {
    this.#deps = deps;
    this.#queue = new EventQueue(deps.settings.maxQueueSize, deps.settings.maxQueueBytes);
    this.#transport = new Transport(deps.settings);
  }

  /** Events that wait. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Events of the request that runs or is being tried again. */
  get inFlight(): number {
    return this.#inFlight.length;
  }

  push(item: Queued): void {
    const { settings, ledger, onBusy } = this.#deps;
    if (this.#queue.length === 0 && !this.#running) onBusy(true);
    item.place = ++this.#lastPlace;
    const dropped = this.#queue.push(item);
    if (dropped > 0) ledger.overflowed(dropped);
    if (this.#running) return;
    if (this.#queue.length >= settings.flushAt) this.start();
    else this.#cancelTimer ??= later(settings.flushIntervalMs, () => this.start());
  }

  /** Sends what waits, unless that is under way. */
  start(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (!this.#running) void this.#run();
  }

  /** Resolves when every event queued so far was taken, refused or dropped. */
  settled(): Promise<void> {
    const upTo = this.#lastPlace;
    if (this.#oldest() > upTo) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ upTo, resolve }));
  }

  /** Counted: while positive, waiting between tries keeps the process alive. */
  holdProcess(change: 1 | -1): void {
    this.#keepAlive += change;
    this.#pause?.keepAlive(this.#keepAlive > 0);
  }

  /** Ends a wait between tries early, unless the server asked for it. */
  hurry(): void {
    if (!this.#pauseWasAsked) this.#pause?.end();
  }

  /** Drops everything that waits or is being tried, and reports it. */
  dropAll(code: DropCode, reason: string): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const lost = [...this.#inFlight, ...this.#queue.take(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY)];
    this.#inFlight = [];
    this.#deps.ledger.drop(lost, code, reason);
    this.#deps.ledger.reportOverflow();
    this.#transport.abort();
    this.#pause?.end();
    this.#settle();
    if (!this.#running) this.#deps.onBusy(false);
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#queue.length > 0) {
      this.#inFlight = this.#queue.take(limits.batchEvents, this.#maxBatchBytes);
      await this.#deliver(this.#inFlight);
      this.#inFlight = [];
      this.#settle();
    }
    this.#running = false;
    this.#deps.onBusy(false);
  }

  /** Tries one batch until it is taken, refused, given up or dropped by `dropAll`. */
  async #deliver(batch: readonly Queued[]): Promise<void> {
    const { ledger, report } = this.#deps;
    const startedAt = performance.now();
    for (let attempt = 0; ; attempt++) {
      this.requests++;
      if (attempt > 0) this.retries++;
      const outcome = await this.#transport.send(batch);
      if (this.#inFlight !== batch) return;
      if (outcome.kind === "accepted") return ledger.took(batch, outcome.rejected);
      if (outcome.kind === "too_large" && batch.length > 1) return this.#halve(batch);
      if (outcome.kind !== "retry") return ledger.refused(batch, outcome.rejected, outcome.error);

      if (attempt === 0) report(outcome.error);
      const waitMs = this.#waitMs(attempt, startedAt, outcome.retryAfterMs);
      if (waitMs === undefined) {
        const reason = `gave up after ${attempt + 1} tries: ${outcome.error.reason}`;
        return ledger.drop(batch, "gave_up", reason, outcome.error);
      }
      await this.#wait(waitMs, outcome.retryAfterMs !== undefined);
      if (this.#inFlight !== batch) return;
    }
  }

  /** Milliseconds until the next try; `undefined` when there is none within the limits. */
  #waitMs(attempt: number, startedAt: number, askedMs: number | undefined): number | undefined {
    const { maxRetries, retryForMs } = this.#deps.settings;
    const leftMs = startedAt + retryForMs - performance.now();
    if (attempt >= maxRetries || leftMs <= 0) return undefined;
    if (askedMs !== undefined) return askedMs <= leftMs ? askedMs : undefined;
    return Math.min(backOffMs(attempt, Math.random()), leftMs);
  }

  async #wait(ms: number, asked: boolean): Promise<void> {
    this.#pause = new Pause(ms, this.#keepAlive > 0);
    this.#pauseWasAsked = asked;
    await this.#pause.done;
    this.#pause = undefined;
  }

  /** Something on the way takes only smaller bodies: from now on, ours are. */
  #halve(batch: readonly Queued[]): void {
    const bytes = batch.reduce((sum, item) => sum + item.bytes, 0);
    this.#maxBatchBytes = Math.floor(bytes / 2);
    this.#queue.putBack(batch);
    this.#inFlight = [];
  }

  /** Place of the oldest event that is neither taken, refused nor dropped. */
  #oldest(): number {
    return (this.#inFlight[0] ?? this.#queue.peek())?.place ?? this.#lastPlace + 1;
  }

  #settle(): void {
    const oldest = this.#oldest();
    const done = this.#waiting.filter(({ upTo }) => upTo < oldest);
    if (done.length === 0) return;
    this.#waiting = this.#waiting.filter(({ upTo }) => upTo >= oldest);
    for (const { resolve } of done) resolve();
  }
}
