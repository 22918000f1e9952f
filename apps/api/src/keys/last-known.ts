import { setTimeout as wait } from "node:timers/promises";

/** Milliseconds. */
export interface LastKnownTimes {
  /** A value this young is not asked for again. */
  freshFor: number;
  /** How long a known value may keep a request waiting for a newer one. */
  patience: number;
}

/** Entries above which all are forgotten: prefixes are chosen by whoever calls. */
const mostEntries = 10_000;

/**
 * A short cache that answers with the last known value while its source fails or hangs, and asks again each `freshFor`.
 * `undefined` is not kept: what is missing may be made the next moment, by another instance.
 */
export function createLastKnown<V>(
  load: (key: string) => Promise<V | undefined>,
  { freshFor, patience }: LastKnownTimes,
) {
  const known = new Map<string, { value: V; at: number }>();
  const loading = new Map<string, Promise<V | undefined>>();

  function ask(key: string): Promise<V | undefined> {
    const asked = loading.get(key);
    if (asked !== undefined) return asked;
    const answer = load(key)
      .then((value) => {
        if (known.size >= mostEntries) known.clear();
        if (value === undefined) known.delete(key);
        else known.set(key, { value, at: Date.now() });
        return value;
      })
      .finally(() => loading.delete(key));
    loading.set(key, answer);
    return answer;
  }

  return {
    /** `maxAge`, in milliseconds, in place of `freshFor`. */
    async get(key: string, maxAge = freshFor): Promise<V | undefined> {
      const last = known.get(key);
      if (last === undefined) return ask(key);
      if (Date.now() - last.at < maxAge) return last.value;
      const stale = () => last.value;
      const timer = new AbortController();
      try {
        return await Promise.race([ask(key).catch(stale), wait(patience, last.value, { signal: timer.signal })]);
      } finally {
        timer.abort();
      }
    },
    clear: () => known.clear(),
  };
}
