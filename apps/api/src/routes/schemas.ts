import { ErrorAnswer } from "@millimetric/contracts";
import { Type } from "typebox";

/** Where a route stands in the OpenAPI document. */
export const tag = (name: string, summary: string) => ({ tags: [name], summary });

/** Response schemas of the errors a route answers. */
export function errorAnswers(...statuses: readonly number[]): Record<number, typeof ErrorAnswer> {
  return Object.fromEntries([...statuses, 500].map((status) => [status, ErrorAnswer]));
}

export const Instant = Type.String({ format: "date-time", description: "ISO 8601, UTC." });

export const MaybeInstant = Type.Union([Instant, Type.Null()]);

export const ProjectParams = Type.Object({ id: Type.String({ maxLength: 64 }) });

/** For how long what is replaced works on. */
export const Overlap = Type.Integer({ minimum: 0, maximum: 31 * 86_400, default: 86_400 });

const InstantParam = (description: string) => Type.Optional(Type.String({ minLength: 4, maxLength: 40, description }));

export const RangeParams = {
  from: InstantParam(
    "Inclusive, ISO 8601. Default: 30 days before `to`, or the beginning where one user is asked for.",
  ),
  to: InstantParam("Exclusive, ISO 8601. Default: now."),
};

export const PageParams = {
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100 }),
  cursor: Type.Optional(Type.String({ maxLength: 2048, description: "`next_cursor` of the page before." })),
};

export const ReadParams = {
  env: Type.Optional(Type.Enum(["live", "test"], { description: "Default: that of the key." })),
  include_bots: Type.Boolean({ default: false }),
};

export const StitchParams = {
  stitch: Type.Enum(["time_sliced", "first_owner", "all_devices"], {
    default: "time_sliced",
    description: "Who owns the events that carry no user_id.",
  }),
};

/** Names of events, for `namesOf`. */
export const EventNames = (what: string) =>
  Type.String({ minLength: 1, maxLength: 2048, description: `${what}: names of 1 to 10 events, comma-separated.` });

const Filter = Type.Optional(
  Type.Union([Type.String({ maxLength: 2048 }), Type.Array(Type.String({ maxLength: 2048 }), { maxItems: 100 })], {
    description: "Repeat it for several values; any of them matches.",
  }),
);

/** One filter for each of these columns. */
export const filterParams = <Name extends string>(names: readonly Name[]) =>
  Object.fromEntries(names.map((name) => [name, Filter])) as Record<Name, typeof Filter>;

export const Meta = Type.Object({
  from: Instant,
  to: Instant,
  env: Type.String(),
  stitch: Type.Optional(Type.String()),
  rows: Type.Integer(),
  elapsed_ms: Type.Number(),
});

/** The answer of every list. */
export function page<Row extends Type.TSchema>(row: Row) {
  return Type.Object({ rows: Type.Array(row), next_cursor: Type.Optional(Type.String()), meta: Meta });
}

const text = Type.String();

/** The columns of `events`. */
export const StoredEvent = {
  event_id: text,
  timestamp: Instant,
  received_at: Instant,
  event_name: text,
  anonymous_id: Type.String({ description: "Empty for an event sent without a visitor." }),
  user_id: Type.Union([Type.String(), Type.Null()]),
  session_id: text,
  source: text,
  medium: text,
  campaign: text,
  channel: text,
  source_confidence: text,
  source_rule_id: text,
  url: text,
  path: text,
  referrer: text,
  title: text,
  country: text,
  device_type: text,
  browser: text,
  os: text,
  is_bot: Type.Boolean(),
  bot_reason: text,
  properties: Type.Record(Type.String(), Type.Unknown()),
  context: Type.Record(Type.String(), Type.Unknown()),
  env: text,
  timestamp_clamped: Type.Boolean(),
};
