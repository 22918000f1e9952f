import { settings } from "./settings.ts";

/** Everything the SDK keeps has a name that starts so. */
export const prefix = "mm_";

const memory = new Map<string, string>();

/** Even looking at `localStorage` throws where it is denied. */
function disk<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return settings.persistence === "memory" ? undefined : use(localStorage);
  } catch {
    return undefined;
  }
}

// `localStorage`, shared by all tabs of the origin, and memory for what it does not take: it may be denied, full, or gone from one moment
// to the next. Never throws.

export const get = (name: string): string => memory.get(name) ?? disk((storage) => storage.getItem(name)) ?? "";

export function set(name: string, value: string): void {
  memory.set(name, value);
  disk((storage) => {
    storage.setItem(name, value);
    memory.delete(name);
  });
}

export function remove(name: string): void {
  memory.delete(name);
  disk((storage) => storage.removeItem(name));
}

/** Names that start so, in their order. */
export const names = (start: string): string[] =>
  [...(disk(Object.keys) ?? []), ...memory.keys()].filter((name) => name.startsWith(start)).sort();

/** Milliseconds until a time that was stored; 0 when it is over, or further away than it can be: something else wrote there. */
export function msUntil(time: unknown, most: number): number {
  const ms = Number(time) - Date.now();
  return ms > 0 && ms <= most ? ms : 0;
}
