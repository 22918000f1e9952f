import { bornAt } from "./ids.ts";
import { rename } from "./queue.ts";
import { on } from "./safely.ts";
import { sessionName } from "./session.ts";
import * as store from "./storage.ts";
import { setVisitorId, visitorName } from "./visitor.ts";

/** Milliseconds: ids born within it were made by tabs that did not know of each other. */
const togetherMs = 1_000;

/**
 * Tabs that a new visitor opens at once each make a visitor and a session. Whenever one overwrites the other's, all of them take the
 * older one, and write it into their events.
 */
export function agreeWithSiblings(): void {
  on("storage", ({ key, oldValue, newValue }) => {
    const isVisitor = key === visitorName;
    if (!isVisitor && key !== sessionName) return;
    const [was = "", is = ""] = [oldValue, newValue].map((value) => value?.split(" ")[0]);
    if (was === is || !(Math.abs(bornAt(was) - bornAt(is)) < togetherMs)) return;
    const [older = "", younger = ""] = [was, is].sort();
    rename(younger, older);
    if (isVisitor) setVisitorId(older);
    else store.set(sessionName, `${older} ${Date.now()}`);
  });
}
