import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import {
  type ConversionRow,
  type ConversionSummaryRow,
  conversions,
  conversionsSummary,
} from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { decodeCursor, encodeCursor, list, namesOf, rangeOf, scopeOf } from "../http/reading.ts";
import {
  EventNames,
  errorAnswers,
  Instant,
  Meta,
  PageParams,
  RangeParams,
  ReadParams,
  StitchParams,
  tag,
} from "./schemas.ts";

const Nothing = Type.Null();
const Hours = Type.Union([Type.Number(), Nothing]);

const Reached = Type.Record(Type.String(), Type.Object({ at: Type.Union([Instant, Nothing]), hours: Hours }));

const Summary = Type.Record(
  Type.String(),
  Type.Object({
    users: Type.Integer({ description: "Users who reached the event." }),
    rate: Type.Number({ description: "Their share of all users in the range." }),
    hours: Type.Object({ p25: Hours, p50: Hours, p75: Hours, p90: Hours }),
  }),
);

const Conversions = Type.Object({
  rows: Type.Array(Type.Object({ user_id: Type.String(), first_seen_at: Instant, reached: Reached })),
  summary: Type.Object({ users: Type.Integer(), events: Summary }),
  next_cursor: Type.Optional(Type.String()),
  meta: Meta,
});

/** `GET /v1/conversions`. */
export function conversionRoutes({ clickhouse }: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/v1/conversions",
      {
        schema: {
          ...tag("Reads", "How long users took to reach named events"),
          querystring: Type.Object({
            ...RangeParams,
            ...PageParams,
            ...ReadParams,
            ...StitchParams,
            events: EventNames("What users may reach"),
            user_id: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
          }),
          response: { 200: Conversions, ...errorAnswers(400, 401, 403, 429, 503) },
        },
      },
      async (request) => {
        const { query } = request;
        const { stitch, include_bots, user_id } = query;
        const names = namesOf("events", query.events);
        const scope = scopeOf(request, query);
        const range = rangeOf(query, user_id === undefined ? "project" : "person");
        const params = { ...scope, ...range, stitch, include_bots, user_id, events: names };
        const after = query.cursor === undefined ? undefined : String(decodeCursor(query.cursor, ["string"])[0]);
        const summary = conversionsSummary(clickhouse, params);
        const page = list({
          scope,
          range,
          limit: query.limit,
          stitch,
          read: (limit) => conversions(clickhouse, { ...params, after, limit }),
          show: (row) => shown(row, names),
          cursor: (row) => encodeCursor([row.user_id]),
        });
        const [found, listed] = await Promise.all([summary, page]);
        return { ...listed, summary: shownSummary(found, names) };
      },
    );
  };
}

const shown = ({ user_id, first_seen_at, reached_at, reached_hours }: ConversionRow, names: readonly string[]) => ({
  user_id,
  first_seen_at,
  reached: Object.fromEntries(
    names.map((name, at) => [name, { at: reached_at[at] ?? null, hours: reached_hours[at] ?? null }]),
  ),
});

const shownSummary = ({ users, reached, hours }: ConversionSummaryRow, names: readonly string[]) => ({
  users,
  events: Object.fromEntries(
    names.map((name, at) => {
      const who = reached[at] ?? 0;
      const [p25 = null, p50 = null, p75 = null, p90 = null] = who === 0 ? [] : (hours[at] ?? []);
      return [name, { users: who, rate: users === 0 ? 0 : who / users, hours: { p25, p50, p75, p90 } }];
    }),
  ),
});
