import { setTimeout as wait } from "node:timers/promises";
import { type ClickHouse, type IdentitySignals, identitySignals } from "@millimetric/clickhouse";
import { createLastKnown } from "./keys/last-known.ts";

/** Users of one device from which on it is no household's laptop any more. */
export const manyUsers = 5;
/** Devices of one user from which on it is no single person any more. */
export const manyDevices = 20;

/** Milliseconds. The whole of a large database takes a second to look through; who scrapes waits no longer than this. */
const times = { freshFor: 60_000, patience: 2_000 };

/** What the metric shows, not older than a minute or so; `undefined` until it is known for the first time. */
export function createIdentitySignals(clickhouse: ClickHouse): () => Promise<IdentitySignals | undefined> {
  const known = createLastKnown(() => identitySignals(clickhouse, { users: manyUsers, devices: manyDevices }), times);
  return async () => {
    const timer = new AbortController();
    try {
      return await Promise.race([
        known.get("all").catch(() => undefined),
        wait(times.patience, undefined, { signal: timer.signal }),
      ]);
    } finally {
      timer.abort();
    }
  };
}
