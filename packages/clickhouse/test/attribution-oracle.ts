import type { AttributionModel, Stitch } from "../src/index.ts";
import type { TestEvent } from "./event-rows.ts";
import { inOrder, sessionsByDefinition } from "./session-oracle.ts";
import { ownersByDefinition } from "./stitch-oracle.ts";

const day = 24 * 3_600_000;

interface Touch {
  /** Epoch milliseconds. */
  at: number;
  source: string;
  campaign: string;
}

/** SPEC 4.3 written down naively: the share of each touch, oldest first; they sum to 1. */
export function sharesByDefinition(model: AttributionModel, touches: readonly Touch[], at: number): number[] {
  const last = touches.length - 1;
  const only = (place: number) => touches.map((_, index) => (index === place ? 1 : 0));
  if (model === "first_touch") return only(0);
  if (model === "last_touch") return only(last);
  if (model === "last_non_direct") {
    const known = touches.findLastIndex(({ source }) => source !== "direct");
    return only(known === -1 ? last : known);
  }
  if (model === "linear") return touches.map(() => 1 / touches.length);
  if (model === "position_based") {
    if (touches.length < 3) return touches.map(() => 1 / touches.length);
    return touches.map((_, index) => (index === 0 || index === last ? 0.4 : 0.2 / (touches.length - 2)));
  }
  const weights = touches.map((touch) => 0.5 ** ((at - touch.at) / (7 * day)));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

export interface Question {
  /** Name of the conversion. */
  event: string;
  stitch: Exclude<Stitch, "all_devices">;
  lookback_days: number;
  from: Date;
  to: Date;
}

/** Touches of each conversion in the range, by the definition of sessions and owners; direct where there is none. */
export function journeysByDefinition(
  events: readonly TestEvent[],
  question: Question,
): { conversion: TestEvent; touches: Touch[] }[] {
  const owners = ownersByDefinition(events, question.stitch);
  const personOf = ({ event_id, anonymous_id }: TestEvent) => {
    const [owner] = owners[event_id] ?? [];
    return owner == null ? `visitor ${anonymous_id}` : `user ${owner}`;
  };
  const sessions = sessionsByDefinition(events);
  const entries = new Map<string, Touch & { person: string }>();
  for (const event of [...events].sort(inOrder)) {
    const { source = "", campaign = "", anonymous_id } = event;
    const person = personOf(event);
    const key = `${person} in ${sessions.get(event)}`;
    if (source === "internal" || (!anonymous_id && source === "direct") || entries.has(key)) continue;
    entries.set(key, { at: event.timestamp.getTime(), source, campaign, person });
  }
  return events
    .filter(({ event_name, timestamp }) => event_name === question.event && isIn(timestamp, question))
    .map((conversion) => {
      const at = conversion.timestamp.getTime();
      const touches = [...entries.values()].filter(
        (touch) =>
          touch.person === personOf(conversion) && touch.at <= at && touch.at >= at - question.lookback_days * day,
      );
      return { conversion, touches: touches.length > 0 ? touches : [{ at, source: "direct", campaign: "" }] };
    });
}

const isIn = (at: Date, { from, to }: Question) => at >= from && at < to;
