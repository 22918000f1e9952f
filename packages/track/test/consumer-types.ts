// Checked against the packed declarations, as an application would see them.
import { type Client, type EventName, type Events, init, track } from "@millimetric/track";

declare module "@millimetric/track" {
  interface Events {
    signup: { plan: "free" | "pro" };
    logged_in: { method?: string };
  }
}

const names: EventName<Events>[] = ["signup", "logged_in"];
track("signup", { plan: "pro" });
track("logged_in");
// @ts-expect-error: no such plan
track("signup", { plan: "gold" });
// @ts-expect-error: its properties are required
track("signup");
// @ts-expect-error: no such event
track("sign_up");

// What was merged is what `init` knows of, unless it is told other events.
const mm: Client = init({ key: "pk_live_…" });
mm.track("signup", { plan: "free" });
// @ts-expect-error: no such event
mm.track("paid", { amount_cents: 1 });
const shop = init<{ paid: { amount_cents: number } }>({ key: "pk_live_…" });
shop.track("paid", { amount_cents: 1 });
// @ts-expect-error: not of this client
shop.track("signup", { plan: "free" });

export { names };
