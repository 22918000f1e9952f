import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import {
  type AttributionModel,
  type AttributionRow,
  attribution,
  attributionGroups,
  attributionModels,
} from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { list, namesOf, rangeOf, scopeOf } from "../http/reading.ts";
import { EventNames, errorAnswers, Meta, RangeParams, ReadParams, StitchParams, tag } from "./schemas.ts";

const Group = Type.Enum([...attributionGroups]);
const Property = Type.String({ minLength: 1, maxLength: 128 });

const Credit = Type.Object({
  conversions: Type.Number({ description: "Credit of 1 for each conversion." }),
  value: Type.Number({ description: "Credit of what the conversions are worth." }),
});

const Attribution = Type.Object({
  rows: Type.Array(
    Type.Object({
      ...Object.fromEntries(attributionGroups.map((name) => [name, Type.Optional(Type.String())])),
      credits: Type.Object(Object.fromEntries(attributionModels.map((name) => [name, Type.Optional(Credit)]))),
    }),
  ),
  totals: Type.Object({
    conversions: Type.Number({ description: "In the range; in every model the credits of all rows add up to it." }),
    value: Type.Number(),
    untouched: Type.Integer({
      description: "Conversions without a touchpoint in the look-back; they count as direct.",
    }),
  }),
  meta: Meta,
});

const Query = Type.Object({
  ...RangeParams,
  ...ReadParams,
  ...StitchParams,
  event: EventNames("What counts as a conversion"),
  models: Type.String({
    maxLength: 256,
    default: attributionModels.join(","),
    description: `Comma-separated, of ${attributionModels.join(", ")}. Rows are ordered by the first.`,
  }),
  lookback_days: Type.Integer({ minimum: 1, maximum: 365, default: 30 }),
  group_by: Type.Union([Group, Type.Array(Group, { minItems: 1, maxItems: 4 })], {
    default: "source",
    description: "Repeat it for several columns.",
  }),
  value: Type.String({
    ...Property,
    default: "amount_cents",
    description: "Property that holds what a conversion is worth; without it the conversion is worth 0.",
  }),
  order_key: Type.Optional(
    Type.String({
      ...Property,
      description:
        "Property that ties the events of one order together, such as `order_id`. A refund under it takes back what the order gave.",
    }),
  ),
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: "Groups, the largest first." }),
});

/** `GET /v1/attribution`. */
export function attributionRoutes({ clickhouse }: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/v1/attribution",
      {
        schema: {
          ...tag("Reads", "Conversions credited to what brought their people, by six models at once"),
          querystring: Query,
          response: { 200: Attribution, ...errorAnswers(400, 401, 403, 429, 503) },
        },
      },
      async (request) => {
        const { query } = request;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, "project");
        const models = namesOf("models", query.models, attributionModels);
        const group_by = [...new Set([query.group_by].flat())];
        const { stitch, include_bots, lookback_days, value, order_key, limit } = query;
        let all: AttributionRow | undefined;
        const listed = await list({
          scope,
          range,
          stitch,
          limit,
          read: async () => {
            const rows = await attribution(clickhouse, {
              ...scope,
              ...range,
              events: namesOf("event", query.event),
              models,
              group_by,
              lookback_days,
              value,
              order_key,
              stitch,
              include_bots,
              limit,
            });
            all = rows[0];
            return rows;
          },
          show: (row) => shown(row, group_by, models),
        });
        const totals = {
          conversions: all?.all_conversions ?? 0,
          value: all?.all_value ?? 0,
          untouched: all?.all_untouched ?? 0,
        };
        return { ...listed, totals };
      },
    );
  };
}

const shown = (row: AttributionRow, group_by: readonly string[], models: readonly AttributionModel[]) => ({
  ...Object.fromEntries(group_by.map((name, at) => [name, row.group[at] ?? ""])),
  credits: Object.fromEntries(
    models.map((model, at) => [model, { conversions: row.conversions[at] ?? 0, value: row.values[at] ?? 0 }]),
  ),
});
