// Checked against the packed declarations, as an application would see them.
import { init, track } from "@millimetric/track-node";

declare module "@millimetric/track-node" {
  interface Events {
    signup: { plan: "free" | "pro" };
  }
}

track({ event: "signup", user_id: "u", properties: { plan: "pro" } });
track({ event: "$pageview", anonymous_id: "a" });
// @ts-expect-error: no such plan
track({ event: "signup", user_id: "u", properties: { plan: "gold" } });
// @ts-expect-error: no such event
track({ event: "sign_up", user_id: "u" });
init<{ paid: { amount_cents: number } }>().track({ event: "paid", user_id: "u", properties: { amount_cents: 1 } });
