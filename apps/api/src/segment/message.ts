import { limits, Timestamp } from "@millimetric/contracts";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";

/** The calls of Segment's HTTP API, beside `batch`. */
export const calls = ["track", "identify", "page", "screen", "group", "alias"] as const;
export type Call = (typeof calls)[number];

const absentOr = <Schema extends Type.TSchema>(schema: Schema) => Type.Optional(Type.Union([schema, Type.Null()]));

/** Older clients send the numbers of a database. */
const Id = (description: string) => absentOr(Type.Union([Type.String(), Type.Number()], { description }));
const Text = absentOr(Type.String());
const Fields = absentOr(Type.Record(Type.String(), Type.Unknown()));
const Instant = absentOr(Timestamp);

/** One message of Segment's clients; fields that are not listed are ignored. */
export const Message = Type.Object({
  type: Type.Optional(Type.Enum([...calls], { description: "In a batch; elsewhere the address says it." })),
  messageId: absentOr(Type.String({ description: "Counts once per project, however often it is sent." })),
  anonymousId: Id("Becomes anonymous_id."),
  userId: Id("Becomes user_id."),
  previousId: Id("Of alias: the visitor that userId was before."),
  groupId: Id("Of group."),
  event: Text,
  name: Text,
  category: Text,
  properties: Fields,
  traits: Fields,
  context: Fields,
  timestamp: Instant,
  originalTimestamp: Instant,
  sentAt: Instant,
  receivedAt: Type.Optional(Type.Unknown({ description: "In what Segment archived: its timestamp is right already." })),
  channel: Type.Optional(Type.Unknown({ description: "RudderStack: `server` for a message from a server." })),
});
export type Message = Static<typeof Message>;
export const messageShape = Compile(Message);

/** What surrounds messages. Each message is checked by itself. */
export const Batch = Type.Object({
  batch: Type.Array(Message, { minItems: 1, maxItems: limits.batchEvents }),
  context: Fields,
  sentAt: Instant,
  writeKey: Type.Optional(Type.String({ description: "The key, when there is no Authorization header." })),
});

const LooseBatch = Type.Object({
  batch: Type.Array(Type.Unknown(), { minItems: 1, maxItems: limits.batchEvents }),
  context: Fields,
  sentAt: Type.Optional(Type.Unknown()),
});
export const batchShape = Compile(LooseBatch);
