import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { funnel } from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { list, namesOf, rangeOf, scopeOf } from "../http/reading.ts";
import { EventNames, errorAnswers, page, RangeParams, ReadParams, StitchParams, tag } from "./schemas.ts";

const hour = 3_600_000;

const Step = Type.Object({
  step: Type.Integer({ description: "From 1." }),
  event: Type.String(),
  people: Type.Integer({ description: "Who did this step after all steps before it." }),
  rate: Type.Number({ description: "Their share of those who did the first step." }),
  step_rate: Type.Number({ description: "Their share of those who did the step before." }),
});

/** `GET /v1/funnel`. */
export function funnelRoutes({ clickhouse }: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/v1/funnel",
      {
        schema: {
          ...tag("Reads", "How many people did several events in order, within a window"),
          querystring: Type.Object({
            ...RangeParams,
            ...ReadParams,
            ...StitchParams,
            steps: EventNames("What people do, in order"),
            window_hours: Type.Number({
              exclusiveMinimum: 0,
              maximum: 366 * 24,
              default: 7 * 24,
              description: "From the first step to the last.",
            }),
          }),
          response: { 200: page(Step), ...errorAnswers(400, 401, 403, 429, 503) },
        },
      },
      async (request) => {
        const { query } = request;
        const { stitch, include_bots } = query;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, "project");
        const steps = namesOf("steps", query.steps);
        return list({
          scope,
          range,
          stitch,
          limit: steps.length,
          read: async () => {
            const window_ms = Math.ceil(query.window_hours * hour);
            const people = await funnel(clickhouse, { ...scope, ...range, stitch, include_bots, steps, window_ms });
            return steps.map((event, index) => ({
              step: index + 1,
              event,
              people: people[index] ?? 0,
              rate: share(people[index], people[0]),
              step_rate: share(people[index], people[index === 0 ? 0 : index - 1]),
            }));
          },
          show: (row) => row,
        });
      },
    );
  };
}

const share = (part = 0, whole = 0) => (whole === 0 ? 0 : part / whole);
