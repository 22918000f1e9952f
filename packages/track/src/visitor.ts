import { limits } from "@millimetric/contracts";
import type { Cookie } from "./cookie.ts";
import { isId, uuid } from "./ids.ts";
import type { Store } from "./storage.ts";

/** The user that was identified last on this device. */
export interface User {
  id: string;
  hash?: string | undefined;
}

/** Who visits, shared by all tabs. */
export interface Visitor {
  id(): string;
  setId(id: string): void;
  user(): User | undefined;
  setUser(user: User | undefined): void;
  /** Of what is kept outside of the store. */
  forget(): void;
}

export function createVisitor(store: Store, cookie: Cookie): Visitor {
  // A page that clears its storage does not make its visitor somebody else.
  let known: string | undefined;
  const isVisitorId = (id: unknown): id is string => isId(id, limits.anonymousId);

  function setId(id: string): void {
    known = id;
    store.set("aid", id);
    cookie.write(id);
  }

  return {
    id() {
      const stored = store.get("aid");
      if (known === undefined) setId([cookie.read(), stored].find(isVisitorId) ?? uuid());
      else if (!isVisitorId(stored)) setId(known);
      else known = stored;
      return known as string;
    },
    setId,
    user() {
      try {
        const user: User = JSON.parse(store.get("user") ?? "");
        return isId(user.id, limits.userId) ? user : undefined;
      } catch {
        return undefined;
      }
    },
    setUser: (user) => (user ? store.set("user", JSON.stringify(user)) : store.remove("user")),
    forget() {
      known = undefined;
      cookie.write(undefined);
    },
  };
}
