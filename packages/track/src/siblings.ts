import { rename } from "./queue.ts";
import { on } from "./safely.ts";
import { sessionName } from "./session.ts";
import { setVisitorId, visitorName } from "./visitor.ts";

/** Milliseconds after the start in which other tabs may start, too, and know as little. */
const togetherMs = 1_000;

/**
 * Tabs that a new visitor opens at once each make a visitor and a session. The storage keeps the ones written last; a tab whose own were
 * overwritten takes those over, and writes them into its events.
 */
export function agreeWithSiblings(): void {
  const startedAt = Date.now();
  on("storage", ({ key, oldValue, newValue }) => {
    const isId = key === visitorName || key === sessionName;
    if (!isId || !oldValue || !newValue || Date.now() - startedAt > togetherMs) return;
    const [was = ""] = oldValue.split(" ");
    const [is = ""] = newValue.split(" ");
    if (was === is) return;
    rename(was, is);
    if (key === visitorName) setVisitorId(is);
  });
}
