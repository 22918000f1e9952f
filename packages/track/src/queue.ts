import { bornAt } from "./ids.ts";
import * as journal from "./journal.ts";
import { isBlocked } from "./privacy.ts";
import { warn } from "./safely.ts";
import * as store from "./storage.ts";

// The events that wait, each under a name of its own: tabs that write at once cannot overwrite each other.

/** Characters of events that may wait: about 2,000 events, a fifth of what browsers let a site store. */
const maxWaiting = 1_000_000;
/** Milliseconds after which an event was left behind by its tab. */
const orphanedMs = 15_000;

export const queuePrefix = "mm_q";

/** An event that waits, already serialised. */
export interface Waiting {
  /** In the storage. It rises with time: the order of the names is the order of the events. */
  name: string;
  json: string;
}

/** Of this page. */
const own = new Set<string>();
/** Characters that may be written until those that wait are counted again: half of what is left, for other tabs write and send, too. */
let room = 0;

const names = () => store.names(queuePrefix);
export const bytes = (text: string) => new Blob([text]).size;

export function push(id: string, json: string): void {
  const event = { name: queuePrefix + id, json };
  own.add(event.name);
  write(event);
  journal.add(event);
}

/**
 * The oldest events that fit together, at least one when there is one; without those in `except`, and with `ownOnly` without those that
 * another tab is likely to send.
 */
export function take(maxBytes: number, except: ReadonlySet<string>, ownOnly: boolean): Waiting[] {
  const taken: Waiting[] = [];
  let size = 0;
  for (const name of names()) {
    const isOthers =
      ownOnly && !own.has(name) && store.msUntil(bornAt(name.slice(queuePrefix.length)) + orphanedMs, orphanedMs);
    if (isOthers || except.has(name)) continue;
    const json = store.get(name);
    try {
      JSON.parse(json);
    } catch {
      // What something else wrote here would cost its neighbours their request.
      store.remove(name);
      continue;
    }
    size += bytes(json) + 1;
    if (size > maxBytes && taken[0]) break;
    taken.push({ name, json });
  }
  return taken;
}

/** The first one, if there is any. */
export const any = () => names()[0];

export function remove(events: readonly Waiting[]): Promise<unknown> {
  for (const { name } of events) {
    store.remove(name);
    own.delete(name);
  }
  return journal.remove(events);
}

/** Puts back what a browser that was killed had not written yet. */
export async function recover(): Promise<boolean> {
  const events = await journal.read();
  for (const event of events ?? []) if (!(store.get(event.name) || isBlocked())) write(event);
  return !!events;
}

/** Writes another id into the events of this page. */
export function rename(from: string, to: string): void {
  for (const name of own) {
    const json = store.get(name).replaceAll(from, to);
    if (json) push(name.slice(queuePrefix.length), json);
  }
}

function write({ name, json }: Waiting): void {
  store.set(name, json);
  room -= json.length;
  if (room < 0) room = names().reduce((left, one) => left - store.get(one).length, maxWaiting) / 2;
  if (room < 0) {
    void remove(take(maxWaiting / 10, new Set(), false));
    warn("queue full");
  }
}
