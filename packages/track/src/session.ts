import { uuid } from "./ids.ts";
import { agree } from "./siblings.ts";
import * as store from "./storage.ts";

/** Milliseconds without an event after which a visit is over. */
const idleMs = 30 * 60_000;

export const sessionName = "mm_sid";

/** Of this page's events. */
let session = "";

/** The id of the present session, shared by all tabs; it lives on for another half hour. */
export function touchSession(): string {
  if (!meetSession(store.get(sessionName))) session = uuid();
  keep(session);
  return session;
}

/** Takes what another tab has, when it is a session that is not over. */
export function meetSession(kept: unknown): boolean {
  const [id = "", last] = `${kept}`.split(" ");
  // Not what something else wrote here; and a session also when the clock was set back.
  if (id.length !== 36 || !(Math.abs(Date.now() - Number(last)) <= idleMs)) return false;
  session = agree(session, id, keep);
  return true;
}

const keep = (id: string) => store.set(sessionName, `${id} ${Date.now()}`);
