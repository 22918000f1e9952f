import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { retention, retentionIntervals } from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { ApiError } from "../http/errors.ts";
import { list, rangeOf, scopeOf } from "../http/reading.ts";
import { checkZone, Timezone } from "../http/timezone.ts";
import { errorAnswers, page, RangeParams, ReadParams, StitchParams, tag } from "./schemas.ts";

const Name = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 128, description }));

const Cohort = Type.Object({
  cohort: Type.String({ format: "date", description: "First local date of the day, week (Monday) or month." }),
  people: Type.Integer({ description: "Whose first time was then." }),
  retained: Type.Array(Type.Integer(), {
    description: "How many of them came back so many days, weeks or months later, from 0 to the end of the range.",
  }),
});

const mostCohorts = 400;
/** Milliseconds of the shortest one. */
const shortest = { day: 23 * 3_600_000, week: 7 * 86_400_000 - 3_600_000, month: 28 * 86_400_000 - 3_600_000 };

/** `GET /v1/retention`. */
export function retentionRoutes({ clickhouse }: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/v1/retention",
      {
        schema: {
          ...tag("Reads", "How many people of each day, week or month came back later"),
          querystring: Type.Object({
            ...RangeParams,
            ...ReadParams,
            ...StitchParams,
            interval: Type.Enum([...retentionIntervals], { default: "week" }),
            timezone: Timezone,
            event: Name("Whose first time puts somebody into a cohort. Default: any event."),
            returning_event: Name("What counts as coming back. Default: any event."),
          }),
          response: { 200: page(Cohort), ...errorAnswers(400, 401, 403, 429, 503) },
        },
      },
      async (request) => {
        const { query } = request;
        const { stitch, include_bots, interval, timezone, event, returning_event } = query;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, "project");
        checkZone(timezone);
        if ((range.to.getTime() - range.from.getTime()) / shortest[interval] > mostCohorts)
          throw new ApiError("invalid_params", "Too many cohorts: take a longer interval or a shorter range.");
        return list({
          scope,
          range,
          stitch,
          limit: mostCohorts + 2,
          read: () =>
            retention(clickhouse, {
              ...scope,
              ...range,
              stitch,
              include_bots,
              interval,
              timezone,
              event,
              returning_event,
            }),
          show: (row) => row,
        });
      },
    );
  };
}
