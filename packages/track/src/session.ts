import { uuid } from "./ids.ts";
import * as store from "./storage.ts";

/** Milliseconds without an event after which a visit is over. */
const idleMs = 30 * 60_000;

export const sessionName = "mm_sid";

/** The id of the present session, shared by all tabs; it lives on for another half hour. */
export function touchSession(): string {
  const now = Date.now();
  const [id = "", last] = store.get(sessionName).split(" ");
  // Also when the clock was set back; and not when something else wrote here.
  const session = id.length === 36 && Math.abs(now - Number(last)) <= idleMs ? id : uuid();
  store.set(sessionName, `${session} ${now}`);
  return session;
}
