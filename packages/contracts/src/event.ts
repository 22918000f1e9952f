import { type Static, Type } from "typebox";
import { limits } from "./limits.ts";

const text = (maxLength: number, description: string) => Type.String({ minLength: 1, maxLength, description });

/** ISO 8601 with a zone, or epoch milliseconds. */
export const Timestamp = Type.Union([Type.String({ minLength: 1, maxLength: 64 }), Type.Number()], {
  description: "ISO 8601 with a zone, or epoch milliseconds.",
  examples: ["2026-03-03T14:00:00Z", 1772546400000],
});

export const Properties = Type.Record(Type.String(), Type.Unknown(), {
  description: "Any JSON object, at most 32 KB serialised.",
});

export const Context = Type.Object(
  {
    locale: Type.Optional(Type.String({ maxLength: 64 })),
    timezone: Type.Optional(Type.String({ maxLength: 64 })),
    screen: Type.Optional(Type.String({ maxLength: 64 })),
    viewport: Type.Optional(Type.String({ maxLength: 64 })),
    library: Type.Optional(
      Type.Object({ name: Type.String({ maxLength: 64 }), version: Type.Optional(Type.String({ maxLength: 64 })) }),
    ),
    user_agent: Type.Optional(Type.String({ maxLength: limits.text })),
  },
  { description: "Where the event was made; `user_agent` for events sent by a server." },
);

/** Proves `user_id` where a project verifies identities (SPEC 5.5); checked and never stored. */
const UserHash = Type.Optional(
  Type.Union([Type.String({ maxLength: limits.userHash }), Type.Null()], {
    description:
      "HMAC-SHA256 of `user_id` with the project's identity secret, in hex. Needed with a pk key where the project verifies identities; never stored.",
  }),
);

/** One event on the wire (SPEC 3.3). At least one of `anonymous_id` and `user_id` is needed. */
export const Event = Type.Object({
  event: text(limits.event, "Name of the event. `$pageview` and `$identify` are reserved."),
  event_id: Type.Optional(text(limits.eventId, "Counts once per project, however often it is sent.")),
  timestamp: Type.Optional(Timestamp),
  sent_at: Type.Optional(Timestamp),
  anonymous_id: Type.Optional(Type.Union([Type.String({ maxLength: limits.anonymousId }), Type.Null()])),
  user_id: Type.Optional(Type.Union([Type.String({ maxLength: limits.userId }), Type.Null()])),
  user_hash: UserHash,
  session_id: Type.Optional(Type.Union([Type.String({ maxLength: limits.sessionId }), Type.Null()])),
  url: Type.Optional(Type.String({ maxLength: limits.text })),
  path: Type.Optional(Type.String({ maxLength: limits.text })),
  referrer: Type.Optional(Type.String({ maxLength: limits.text })),
  title: Type.Optional(Type.String({ maxLength: limits.text })),
  properties: Type.Optional(Properties),
  context: Type.Optional(Context),
});

export type Event = Static<typeof Event>;

/** `POST /v1/identify`: links a visitor to a user and keeps the user's traits. */
export const Identify = Type.Object({
  anonymous_id: Type.String({ maxLength: limits.anonymousId }),
  user_id: Type.String({ maxLength: limits.userId }),
  user_hash: UserHash,
  traits: Type.Optional(Properties),
  timestamp: Type.Optional(Timestamp),
  sent_at: Type.Optional(Timestamp),
  event_id: Type.Optional(text(limits.eventId, "Counts once per project, however often it is sent.")),
  context: Type.Optional(Context),
});

export type Identify = Static<typeof Identify>;
