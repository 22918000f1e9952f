import * as cookie from "./cookie.ts";
import { isId, uuid } from "./ids.ts";
import { anonymousIdLength, userIdLength } from "./limits.ts";
import { agree } from "./siblings.ts";
import * as store from "./storage.ts";

// Who visits, shared by all tabs.

/** The user that was identified last on this device. */
export interface User {
  id: string;
  /** The proof of it, for projects that want one. */
  hash?: string | undefined;
}

export const visitorName = "mm_aid";
const userName = "mm_user";

/** Of this page's events; one that clears its storage does not make its visitor somebody else. */
let known = "";

export const isVisitorId = (id: unknown): id is string => isId(id, anonymousIdLength);

export function visitorId(): string {
  const stored = store.get(visitorName);
  if (!meetVisitor(stored)) setVisitorId([known, cookie.read(), stored].find(isVisitorId) ?? uuid());
  return known;
}

/** Takes what another tab has, when it is a visitor and this page has one. */
export function meetVisitor(id: unknown): boolean {
  if (!known || !isVisitorId(id)) return false;
  known = agree(known, id, setVisitorId);
  return true;
}

export function setVisitorId(id: string): void {
  known = id;
  store.set(visitorName, id);
  cookie.write(id);
}

/** Of what is kept outside of the store. */
export function forgetVisitor(): void {
  known = "";
  cookie.write("");
}

export function user(): User | undefined {
  try {
    const stored: User = JSON.parse(store.get(userName));
    return isId(stored.id, userIdLength) ? stored : undefined;
  } catch {
    return undefined;
  }
}

export const setUser = (one: User): void => store.set(userName, JSON.stringify(one));

export const forgetUser = (): void => store.remove(userName);
