import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type SourcesRow, sourceBreakdowns, sources } from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { decodeCursor, encodeCursor, list, namesOf, rangeOf, scopeOf } from "../http/reading.ts";
import { EventNames, errorAnswers, Meta, PageParams, RangeParams, ReadParams, tag } from "./schemas.ts";

const Breakdown = Type.Enum([...sourceBreakdowns]);

const Sources = Type.Object({
  breakdown: Breakdown,
  rows: Type.Array(
    Type.Object({
      source: Type.String(),
      medium: Type.Optional(Type.String()),
      events: Type.Integer(),
      uniques: Type.Integer({ description: "People: a user once over all devices, a visitor nobody knows once." }),
      sessions: Type.Integer({ description: "That began in the range and came from here." }),
      conversions: Type.Optional(
        Type.Integer({ description: "With `conversions=`: in the range, in sessions that came from here." }),
      ),
      paid_share: Type.Number({ description: "Of the events, 0 to 1." }),
    }),
  ),
  next_cursor: Type.Optional(Type.String()),
  meta: Meta,
});

/** `GET /v1/sources`. */
export function sourceRoutes({ clickhouse }: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/v1/sources",
      {
        schema: {
          ...tag("Reads", "Where events, people, sessions and conversions came from, most events first"),
          querystring: Type.Object({
            ...RangeParams,
            ...PageParams,
            ...ReadParams,
            breakdown: Type.Enum([...sourceBreakdowns], { default: "source_medium" }),
            conversions: Type.Optional(EventNames("What counts as a conversion")),
            stitch: Type.Enum(["time_sliced", "first_owner"], { default: "time_sliced" }),
          }),
          response: { 200: Sources, ...errorAnswers(400, 401, 403, 429, 503) },
        },
      },
      async (request) => {
        const { query } = request;
        const { stitch, include_bots, breakdown } = query;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, "project");
        const conversions = query.conversions === undefined ? undefined : namesOf("conversions", query.conversions);
        const after = positionOf(query.cursor);
        const listed = await list({
          scope,
          range,
          stitch,
          limit: query.limit,
          read: (limit) =>
            sources(clickhouse, {
              ...scope,
              ...range,
              stitch,
              include_bots,
              breakdown,
              conversions: conversions ?? [],
              after,
              limit,
            }),
          show: ({ medium, conversions: reached, ...row }) => ({
            ...row,
            ...(breakdown === "source_medium" ? { medium } : {}),
            ...(conversions === undefined ? {} : { conversions: reached }),
          }),
          cursor: ({ events, source, medium }: SourcesRow) => encodeCursor([events, source, medium]),
        });
        return { breakdown, ...listed };
      },
    );
  };
}

function positionOf(cursor: string | undefined) {
  if (cursor === undefined) return undefined;
  const [events, source, medium] = decodeCursor(cursor, ["number", "string", "string"]);
  const count = Number(events);
  // What no count is, no cursor of ours holds.
  return {
    events: Number.isSafeInteger(count) && count >= 0 ? count : 0,
    source: String(source),
    medium: String(medium),
  };
}
