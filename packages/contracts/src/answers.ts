import { type Static, Type } from "typebox";

/** Answer to `POST /v1/track` and `POST /v1/identify`: the event is stored. */
export const Accepted = Type.Object({ ok: Type.Literal(true), event_id: Type.String() });
export type Accepted = Static<typeof Accepted>;

export const RejectedEvent = Type.Object({
  index: Type.Integer({ minimum: 0, description: "Position in the batch, from 0." }),
  event_id: Type.Union([Type.String(), Type.Null()]),
  error: Type.String({ description: "An error code." }),
  details: Type.Optional(Type.Unknown()),
});
export type RejectedEvent = Static<typeof RejectedEvent>;

/** Answer to `POST /v1/batch`: what was stored, and each event that was refused. */
export const BatchAccepted = Type.Object({
  ok: Type.Literal(true),
  accepted: Type.Integer({ minimum: 0 }),
  rejected: Type.Array(RejectedEvent),
});
export type BatchAccepted = Static<typeof BatchAccepted>;

export const ErrorAnswer = Type.Object({
  error: Type.String({ description: "A stable code from the table of errors." }),
  message: Type.String({ description: "For people; may change." }),
  details: Type.Optional(Type.Unknown()),
  request_id: Type.String(),
  retry_after_s: Type.Optional(Type.Number({ description: "Seconds, with 429 and 503." })),
});
export type ErrorAnswer = Static<typeof ErrorAnswer>;
