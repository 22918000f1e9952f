import { eventId, visitor } from "./load.ts";

const event = {
  event: "$pageview",
  event_id: eventId,
  anonymous_id: visitor,
  url: "https://shop.example/pricing?utm_source=facebook&utm_medium=cpc&utm_campaign=spring",
  referrer: "https://www.facebook.com/",
  properties: { plan: "pro", amount_cents: 4900 },
};

/** One event of the wire, for `load`. */
export const eventBody = JSON.stringify(event);

/** A batch of as many. */
export const batchOf = (events: number) => JSON.stringify({ events: Array.from({ length: events }, () => event) });
