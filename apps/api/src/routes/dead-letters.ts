import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type DeadLetterRow, deadLetters } from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { ApiError } from "../http/errors.ts";
import { decodeCursor, encodeCursor, list, rangeOf, scopeOf } from "../http/reading.ts";
import { verifiesIdentify } from "../ingest/enrichment.ts";
import { replayDeadLetters } from "../ingest/replay.ts";
import { errorAnswers, filterParams, Instant, PageParams, page, RangeParams, ReadParams, tag } from "./schemas.ts";

const text = Type.String();

const DeadLetter = Type.Object({
  dead_letter_id: text,
  received_at: Instant,
  key_prefix: Type.String({ description: "Public part of the key that sent it." }),
  error: Type.String({ description: "Why it was refused: an error code." }),
  message: text,
  event_id: Type.String({ description: "Empty when it had none." }),
  payload: Type.Unknown({
    description: "The event as sent, without secrets in its addresses; a text when it was too large to be kept whole.",
  }),
  replayable: Type.Boolean(),
  replayed_at: Type.Union([Instant, Type.Null()]),
});

const Selection = Type.Object(
  {
    ids: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 1000 })),
    error: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 20 })),
    ...RangeParams,
    cursor: PageParams.cursor,
  },
  { additionalProperties: false, description: "Which letters; all of the last 30 days when nothing is said." },
);

const Replayed = Type.Object({
  ok: Type.Literal(true),
  replayed: Type.Array(Type.Object({ dead_letter_id: text, event_id: text })),
  refused: Type.Array(Type.Object({ dead_letter_id: text, error: text, message: text })),
  next_cursor: Type.Optional(Type.String({ description: "There are more: call again with it." })),
});

/** Letters of one replay. */
const mostAtOnce = 1000;

const errors = errorAnswers(400, 401, 403, 429, 503);

/** `GET /v1/dead-letters`, `POST /v1/dead-letters/replay`. */
export function deadLetterRoutes(deps: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/v1/dead-letters",
      {
        schema: {
          ...tag("Delivery", "Events that were refused although their key was good"),
          querystring: Type.Object({
            ...RangeParams,
            ...PageParams,
            env: ReadParams.env,
            ...filterParams(["error"] as const),
            include_replayed: Type.Boolean({ default: false }),
          }),
          response: { 200: page(DeadLetter), ...errors },
        },
      },
      async (request) => {
        const { query } = request;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, "project");
        const after = positionOf(query.cursor);
        const error = query.error === undefined ? undefined : [query.error].flat();
        const { include_replayed } = query;
        await deps.deadLetters.flush();
        return list({
          scope,
          range,
          limit: query.limit,
          read: (limit) => deadLetters(deps.clickhouse, { ...scope, ...range, error, include_replayed, limit, after }),
          show: ({ payload, too_large, sent_at, user_agent, country, is_row, vouched, ...letter }) => ({
            ...letter,
            payload: too_large ? payload : (JSON.parse(payload) as unknown),
            replayable: !too_large,
          }),
          cursor: cursorOf,
        });
      },
    );

    app.post(
      "/v1/dead-letters/replay",
      {
        schema: {
          ...tag("Delivery", "Take refused events in again, once the cause is mended"),
          body: Selection,
          response: { 200: Replayed, ...errors },
        },
      },
      async (request) => {
        if (request.caller.kind !== "sk") throw new ApiError("insufficient_scope", "This call needs sk.");
        const { ids, error, cursor, ...asked } = request.body;
        await deps.deadLetters.flush();
        const { replayed, refused, last } = await replayDeadLetters(deps, {
          ...scopeOf(request, {}),
          verifiesIdentify: verifiesIdentify(request.caller.project),
          ...rangeOf(asked, "project"),
          ids,
          error,
          include_replayed: false,
          limit: mostAtOnce,
          after: positionOf(cursor),
        });
        const full = replayed.length + refused.length === mostAtOnce && last !== undefined;
        return { ok: true as const, replayed, refused, ...(full ? { next_cursor: cursorOf(last) } : {}) };
      },
    );
  };
}

const cursorOf = ({ received_at, dead_letter_id }: DeadLetterRow) =>
  encodeCursor([Date.parse(received_at), dead_letter_id]);

function positionOf(cursor: string | undefined) {
  if (cursor === undefined) return undefined;
  const [at, dead_letter_id] = decodeCursor(cursor, ["number", "string"]);
  return { received_at: new Date(Number(at)), dead_letter_id: String(dead_letter_id) };
}
