import { uuid } from "./ids.ts";
import type { Store } from "./storage.ts";

/** Milliseconds without an event after which a visit is over. */
export const idleMs = 30 * 60_000;

/** The id of the present session, shared by all tabs; it lives on for another half hour. */
export function touchSession(store: Store): string {
  const now = Date.now();
  const [id, last] = (store.get("sid") ?? "").split(" ");
  // Also when the clock was set back; and not when something else wrote here.
  const goes = id?.length === 36 && Math.abs(now - Number(last)) <= idleMs;
  const session = goes ? id : uuid();
  store.set("sid", `${session} ${now}`);
  return session;
}
