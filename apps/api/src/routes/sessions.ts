import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { sessionFilters, sessions } from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { decodeCursor, encodeCursor, filtersOf, list, rangeOf, scopeOf } from "../http/reading.ts";
import { errorAnswers, filterParams, Instant, PageParams, page, RangeParams, ReadParams, tag } from "./schemas.ts";

const Session = Type.Object({
  session_id: Type.String({ description: "The client's, or one of ours." }),
  anonymous_id: Type.String(),
  user_id: Type.Union([Type.String(), Type.Null()]),
  started_at: Instant,
  ended_at: Instant,
  duration_s: Type.Integer(),
  events: Type.Integer(),
  pageviews: Type.Integer(),
  source: Type.String({
    description: "Of the first event that is not `internal`; so are medium, campaign and channel.",
  }),
  medium: Type.String(),
  campaign: Type.String(),
  channel: Type.String(),
  entry_path: Type.String(),
  exit_path: Type.String(),
  is_bounce: Type.Boolean({ description: "One pageview at most, and no other event but `$identify`." }),
});

const Person = Type.Optional(Type.String({ minLength: 1, maxLength: 256 }));

/** `GET /v1/sessions`. */
export function sessionRoutes({ clickhouse }: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/v1/sessions",
      {
        schema: {
          ...tag("Reads", "Sessions that began in the range, newest first"),
          querystring: Type.Object({
            ...RangeParams,
            ...PageParams,
            ...ReadParams,
            stitch: Type.Enum(["time_sliced", "first_owner"], { default: "time_sliced" }),
            ...filterParams(sessionFilters),
            user_id: Person,
            anonymous_id: Person,
          }),
          response: { 200: page(Session), ...errorAnswers(400, 401, 403, 429, 503) },
        },
      },
      (request) => {
        const { query } = request;
        const { stitch, include_bots, user_id, anonymous_id } = query;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, "project");
        const filters = filtersOf(sessionFilters, query);
        const before = sessionPosition(query.cursor);
        return list({
          scope,
          range,
          stitch,
          limit: query.limit,
          read: (limit) =>
            sessions(clickhouse, {
              ...scope,
              ...range,
              stitch,
              include_bots,
              filters,
              user_id,
              anonymous_id,
              before,
              limit,
            }),
          show: (row) => row,
          cursor: ({ started_at, session_id }) => encodeCursor([Date.parse(started_at), session_id]),
        });
      },
    );
  };
}

function sessionPosition(cursor: string | undefined): { started_at: Date; session_id: string } | undefined {
  if (cursor === undefined) return undefined;
  const [at, session_id] = decodeCursor(cursor, ["number", "string"]);
  return { started_at: new Date(Math.min(Number(at), 7e12)), session_id: String(session_id) };
}
