import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { journey } from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { eventCursor, eventPosition, list, rangeOf, scopeOf, shownEvent } from "../http/reading.ts";
import { errorAnswers, PageParams, page, RangeParams, ReadParams, StitchParams, StoredEvent, tag } from "./schemas.ts";

const Phase = Type.Enum(["before_identify", "identified"]);

/** `GET /v1/users/:user_id/journey`. */
export function journeyRoutes({ clickhouse }: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/v1/users/:user_id/journey",
      {
        schema: {
          ...tag("Reads", "Everything one user did, before and after we knew who it was"),
          params: Type.Object({ user_id: Type.String({ minLength: 1, maxLength: 256 }) }),
          querystring: Type.Object({
            ...RangeParams,
            ...PageParams,
            ...ReadParams,
            ...StitchParams,
            phase: Type.Optional(Phase),
          }),
          response: {
            200: page(Type.Object({ ...StoredEvent, phase: Phase })),
            ...errorAnswers(400, 401, 403, 429, 503),
          },
        },
      },
      (request) => {
        const { query } = request;
        const { stitch, include_bots, phase } = query;
        const { user_id } = request.params;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, "person");
        const after = eventPosition(query.cursor);
        return list({
          scope,
          range,
          limit: query.limit,
          stitch,
          read: (limit) =>
            journey(clickhouse, { ...scope, ...range, stitch, include_bots, user_id, phase, after, limit }),
          show: shownEvent,
          cursor: eventCursor,
        });
      },
    );
  };
}
