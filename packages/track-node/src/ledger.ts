import type { RejectedEvent } from "@millimetric/contracts";
import { type LostEvent, MillimetricError } from "./errors.ts";
import type { Queued } from "./queue.ts";
import { later } from "./timers.ts";

/** Why events were lost on this side. */
export type DropCode = "gave_up" | "closed" | "aborted" | "lost_at_exit";

/** A full queue drops with every call: one report per this many milliseconds tells enough. */
const overflowReportEveryMs = 1000;

const asLost = (items: readonly Queued[]): LostEvent[] => items.map(({ event_id, json }) => ({ event_id, json }));

/** Counts what became of every event, and reports each loss. */
export class Ledger {
  /** Events that the API took. */
  accepted = 0;
  /** Events that the API refused. */
  rejected = 0;
  /** Events lost on this side. */
  dropped = 0;
  readonly #report: (error: MillimetricError) => void;
  #overflow = 0;
  #cancelOverflowReport: (() => void) | undefined;

  constructor(report: (error: MillimetricError) => void) {
    this.#report = report;
  }

  /** The request was taken, but for the events that the answer lists as rejected. */
  took(batch: readonly Queued[], rejected: readonly RejectedEvent[]): void {
    this.accepted += rejected.length === 0 ? batch.length : this.#rejectListed(batch, rejected).size;
  }

  /** The request was refused: one report per event where the answer says why, and one for the rest. */
  refused(batch: readonly Queued[], rejected: readonly RejectedEvent[], why: MillimetricError): void {
    const rest = [...this.#rejectListed(batch, rejected)];
    if (rest.length === 0) return;
    this.rejected += rest.length;
    this.#report(
      new MillimetricError(why.code, why.reason, { lost: asLost(rest), details: why.details, status: why.status }),
    );
  }

  drop(items: readonly Queued[], code: DropCode, reason: string, cause?: MillimetricError): void {
    if (items.length === 0) return;
    this.dropped += items.length;
    this.#report(new MillimetricError(code, reason, { lost: asLost(items), status: cause?.status, cause }));
  }

  /** The queue was full. */
  overflowed(dropped: number): void {
    this.dropped += dropped;
    this.#overflow += dropped;
    this.#cancelOverflowReport ??= later(overflowReportEveryMs, () => this.reportOverflow());
  }

  /** Reports now what a full queue dropped since the last such report. */
  reportOverflow(): void {
    if (this.#overflow === 0) return;
    this.#cancelOverflowReport?.();
    this.#cancelOverflowReport = undefined;
    const count = this.#overflow;
    this.#overflow = 0;
    const reason = `the queue was full, and the oldest events were dropped: ${count}.`;
    this.#report(new MillimetricError("queue_full", reason, { count }));
  }

  /** Reports the listed events, and returns the others. */
  #rejectListed(batch: readonly Queued[], rejected: readonly RejectedEvent[]): Set<Queued> {
    const others = new Set(batch);
    for (const entry of rejected) {
      const item = batch[entry.index];
      if (item === undefined || !others.delete(item)) continue;
      this.rejected++;
      const reason = `the API refused event ${item.event_id} (${entry.error}).`;
      this.#report(new MillimetricError("rejected", reason, { lost: asLost([item]), details: entry }));
    }
    return others;
  }
}
