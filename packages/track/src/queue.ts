import type { Store } from "./storage.ts";

/** Characters of events that may wait: about 2,000 events, a fifth of what browsers let a site store. */
export const maxWaiting = 1_000_000;

/** An event that waits, already serialised. */
export interface Waiting {
  id: string;
  json: string;
}

/**
 * The events that wait, each under a name of its own: tabs that write at once cannot overwrite each other. Ids rise with time, so their
 * order is the order of the events.
 */
export interface Queue {
  push(event: Waiting): void;
  /** The oldest events that fit together, at least one when there is one; without those in `except`. */
  take(maxBytes: number, except: ReadonlySet<string>, ownOnly?: boolean): Waiting[];
  /** Whether there is any. */
  any(): boolean;
  remove(events: readonly Waiting[]): void;
}

const bytes = (text: string) => new Blob([text]).size;

const isObject = (json: string) => {
  try {
    return typeof JSON.parse(json) === "object";
  } catch {
    return false;
  }
};

export function createQueue(store: Store, onDrop: (count: number) => void): Queue {
  /** Characters, at least those that wait: other tabs' are only known after a look. */
  let waiting = 0;
  /** Of this page. */
  const own = new Set<string>();
  const names = () => store.names("q").sort();

  /** Drops the oldest events until the others fit. */
  function bound(): void {
    let dropped = 0;
    waiting = 0;
    for (const name of names().reverse()) {
      waiting += store.get(name)?.length ?? 0;
      if (waiting <= maxWaiting) continue;
      store.remove(name);
      dropped++;
    }
    waiting = Math.min(waiting, maxWaiting);
    if (dropped) onDrop(dropped);
  }

  return {
    push({ id, json }) {
      store.set(`q${id}`, json);
      own.add(id);
      waiting += json.length;
      if (waiting > maxWaiting) bound();
    },
    take(maxBytes, except, ownOnly) {
      const taken: Waiting[] = [];
      let size = 0;
      for (const name of names()) {
        const id = name.slice(1);
        if (except.has(id) || (ownOnly && !own.has(id))) continue;
        const json = store.get(name) ?? "";
        // What something else wrote here would cost its neighbours their request.
        if (!isObject(json)) {
          store.remove(name);
          continue;
        }
        size += bytes(json) + 1;
        if (size > maxBytes && taken.length > 0) break;
        taken.push({ id, json });
      }
      return taken;
    },
    any: () => names().length > 0,
    remove(events) {
      for (const { id, json } of events) {
        store.remove(`q${id}`);
        own.delete(id);
        waiting -= json.length;
      }
    },
  };
}
