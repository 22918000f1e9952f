import type { LostEvent } from "./errors.ts";

/** An event that waits, already serialised. */
export interface Queued extends LostEvent {
  /** Length of `json` in UTF-8. */
  readonly bytes: number;
  /** Number in line, counted from 1 over the life of the client. */
  place: number;
}

/** A FIFO bounded in events and bytes; when it is full the oldest make room. */
export class EventQueue {
  #items: (Queued | undefined)[] = [];
  #head = 0;
  #bytes = 0;
  readonly #maxEvents: number;
  readonly #maxBytes: number;

  constructor(maxEvents: number, maxBytes: number) {
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds an event and returns how many of the oldest were dropped for it. An event is never dropped for itself. */
  push(item: Queued): number {
    let dropped = 0;
    while (this.length > 0 && (this.length >= this.#maxEvents || this.#bytes + item.bytes > this.#maxBytes)) {
      this.#shift();
      dropped++;
    }
    this.#items.push(item);
    this.#bytes += item.bytes;
    return dropped;
  }

  /** Takes the oldest events, as many as fit the bounds, and at least one when there is one. */
  take(maxEvents: number, maxBytes: number): Queued[] {
    const taken: Queued[] = [];
    let bytes = 0;
    for (let next = this.peek(); next !== undefined; next = this.peek()) {
      if (taken.length === maxEvents || (taken.length > 0 && bytes + next.bytes > maxBytes)) break;
      bytes += next.bytes;
      taken.push(next);
      this.#shift();
    }
    return taken;
  }

  /** Puts taken events back in front, in their order. They had their place, so nothing is dropped for them. */
  putBack(items: readonly Queued[]): void {
    this.#items = [...items, ...this.#items.slice(this.#head)];
    this.#head = 0;
    for (const item of items) this.#bytes += item.bytes;
  }

  /** The oldest event, left where it is. */
  peek(): Queued | undefined {
    return this.#items[this.#head];
  }

  #shift(): void {
    this.#bytes -= this.peek()?.bytes ?? 0;
    this.#items[this.#head++] = undefined;
    // Halving keeps the cost of a shift constant on average, and the array at most twice as long as the queue.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}
