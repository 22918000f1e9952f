/** Everything the SDK keeps has a name that starts so. */
const prefix = "mm_";

/** Where the SDK keeps things, shared by all tabs of the origin. */
export interface Store {
  get(name: string): string | null | undefined;
  set(name: string, value: string): void;
  remove(name: string): void;
  /** Names that start so, in no order. */
  names(start: string): string[];
}

/**
 * `localStorage`, and memory for what it does not take: it may be denied, full, or gone from one moment to the next. Never throws.
 */
export function createStore(persist: boolean): Store {
  const memory = new Map<string, string>();
  // Even looking at `localStorage` throws where it is denied.
  const disk = <T>(use: (storage: Storage) => T): T | undefined => {
    try {
      return persist ? use(localStorage) : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    get: (name) => memory.get(name) ?? disk((storage) => storage.getItem(prefix + name)),
    set(name, value) {
      memory.set(name, value);
      disk((storage) => {
        storage.setItem(prefix + name, value);
        memory.delete(name);
      });
    },
    remove(name) {
      memory.delete(name);
      disk((storage) => storage.removeItem(prefix + name));
    },
    names: (start) =>
      [...(disk(Object.keys) ?? []), ...[...memory.keys()].map((name) => prefix + name)]
        .filter((name) => name.startsWith(prefix + start))
        .map((name) => name.slice(prefix.length)),
  };
}
