import { limits } from "@millimetric/contracts";
import { parseInstant } from "../ingest/time.ts";
import { contextOf } from "./context.ts";
import type { Call, Message } from "./message.ts";
import { fieldsOf, placeOf, textOf } from "./page.ts";

type Fields = Record<string, unknown>;

/** What a batch says of all its messages. */
export interface Surroundings {
  context?: unknown;
  sentAt?: unknown;
}

/** The event of our own wire that a message stands for; what it lacks, or has wrong, is found where every event is checked. */
export function eventOf(message: Message, call: Call | undefined, batch: Surroundings = {}): Fields {
  const type = call ?? message.type;
  const context: Fields = { ...fieldsOf(batch.context), ...message.context };
  const kept = contextOf(context);
  const event: Fields = {
    event_id: message.messageId || undefined,
    timestamp: message.timestamp ?? message.originalTimestamp ?? undefined,
    sent_at: clockAt(message, batch),
    anonymous_id: idOf(message.anonymousId),
    user_id: idOf(message.userId),
    user_hash: textOf(context["user_hash"], limits.userHash),
    session_id: sessionOf(context["sessionId"]),
    context: Object.keys(kept).length === 0 ? undefined : kept,
    ...placeOf({ ...fieldsOf(context["page"]), ...(type === "page" ? message.properties : {}) }, campaignOf(context)),
    ...contents(type, message, context),
  };
  return Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
}

/** What differs from call to call: the name, the properties, and whose it is. */
function contents(type: Call | undefined, message: Message, context: Fields): Fields {
  const { name, category, traits } = message;
  const properties = message.properties ?? {};
  const named = { ...(name == null ? {} : { name }), ...(category == null ? {} : { category }) };
  switch (type) {
    case "track":
      return { event: message.event ?? undefined, properties };
    case "identify":
      return { event: "$identify", properties: { ...fieldsOf(context["traits"]), ...traits } };
    case "page":
      return { event: "$pageview", properties: { ...withoutPlace(properties), ...named } };
    case "screen":
      return { event: "$screen", title: textOf(name), properties: { ...properties, ...named } };
    case "group":
      return { event: "$group", properties: { ...traits, group_id: message.groupId ?? undefined } };
    case "alias":
      // An event that carries both ids is a link; it belongs to the user from then on.
      return { event: "$alias", anonymous_id: idOf(message.previousId) ?? idOf(message.anonymousId) };
    default:
      return {};
  }
}

const placeFields = new Set(["url", "path", "referrer", "title", "search"]);

/** The properties of a page call that have no column, or do not fit it. */
function withoutPlace(properties: Fields): Fields {
  return Object.fromEntries(
    Object.entries(properties).filter(([name, value]) => !placeFields.has(name) || !isText(value)),
  );
}

const isText = (value: unknown) => typeof value === "string";

const campaignOf = (context: Fields) => fieldsOf(context["campaign"]);

/** `null` and the empty text are how Segment's clients say that there is no id. */
function idOf(id: string | number | null | undefined): string | undefined {
  return id === undefined || id === null || id === "" ? undefined : String(id);
}

/** RudderStack's clients number sessions by their start. */
function sessionOf(session: unknown): string | undefined {
  return textOf(typeof session === "number" ? String(session) : session, limits.sessionId);
}

/**
 * The client's clock at sending, to correct it by. Not of what Segment has received, corrected and archived before. And not of
 * RudderStack's servers: they send the time of their first try again with every other, which would count the wait between them as a
 * wrong clock, and the clocks of servers are right.
 */
function clockAt(message: Message, batch: Surroundings): number | undefined {
  if (message.channel === "server" || message.receivedAt != null) return undefined;
  const said = message.sentAt ?? batch.sentAt;
  return typeof said === "string" || typeof said === "number" ? parseInstant(said) : undefined;
}
