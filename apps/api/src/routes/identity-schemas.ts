import { limits } from "@millimetric/contracts";
import { Type } from "typebox";
import { Instant } from "./schemas.ts";

const text = Type.String();

export const AnonymousId = Type.String({ minLength: 1, maxLength: limits.anonymousId });
export const UserId = Type.String({ minLength: 1, maxLength: limits.userId });

/** Body of unlink and relink. */
export const Withdrawal = Type.Object({
  anonymous_id: AnonymousId,
  user_id: UserId,
  reason: Type.String({ minLength: 1, maxLength: 1000, description: "For the log; no personal data." }),
});

export const Withdrawn = Type.Object({
  ok: Type.Literal(true),
  changed: Type.Boolean({ description: "False when the link was so already; then the log gets no entry." }),
  link: Type.Object({
    anonymous_id: text,
    user_id: text,
    first_seen: Instant,
    last_seen: Instant,
    withdrawn: Type.Boolean(),
  }),
});

export const LogEntry = Type.Object({
  at: Type.String({ format: "date-time", description: "ISO 8601, UTC, in microseconds." }),
  action: Type.Enum(["unlink", "relink"]),
  anonymous_id: text,
  user_id: text,
  reason: text,
  key_prefix: Type.String({ description: "Public part of the key that asked for it." }),
});

const ExplainedLink = {
  anonymous_id: text,
  user_id: text,
  first_seen: Instant,
  last_seen: Instant,
  withdrawn: Type.Union([Type.Object({ at: text, reason: text, key_prefix: text }), Type.Null()], {
    description: "When, why and by which key; null: it counts.",
  }),
};

const Rule = Type.Enum(["own_user_id", "next_link", "last_link", "first_link", "any_link", "none"], {
  description:
    "own_user_id: the event says so itself. next_link, last_link: the next in time on its visitor, else the last one before it. first_link: the first ever. any_link: every link of the visitor counts. none: no link that counts.",
});

const Owner = Type.Object({
  user_id: Type.Union([text, Type.Null()]),
  rule: Rule,
  link: Type.Union(
    [
      Type.Object({
        ...ExplainedLink,
        event_id: Type.Union([text, Type.Null()], { description: "The event whose two ids decided it." }),
        at: Instant,
      }),
      Type.Null(),
    ],
    { description: "What the rule found." },
  ),
});

export const Explanation = Type.Object({
  event: Type.Object({
    event_id: text,
    timestamp: Instant,
    event_name: text,
    anonymous_id: text,
    user_id: Type.Union([text, Type.Null()]),
  }),
  owners: Type.Object(
    { time_sliced: Type.Array(Owner), first_owner: Type.Array(Owner), all_devices: Type.Array(Owner) },
    { description: "One owner for each form of `stitch`; with all_devices every one." },
  ),
  links: Type.Array(Type.Object(ExplainedLink), { description: "All of the event's visitor, withdrawn ones, too." }),
});

export const Shared = Type.Object({
  anonymous_id: Type.Optional(text),
  user_count: Type.Optional(Type.Integer()),
  users: Type.Optional(Type.Array(text, { description: "The first ten." })),
  user_id: Type.Optional(text),
  device_count: Type.Optional(Type.Integer()),
  devices: Type.Optional(Type.Array(text, { description: "The first ten." })),
  first_seen_at: Instant,
  last_seen_at: Instant,
});
