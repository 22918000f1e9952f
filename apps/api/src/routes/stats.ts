import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import {
  groupsSessions,
  mostStatsGroups,
  type Range,
  stats,
  statsFilters,
  statsGroups,
  statsIntervals,
  statsMetrics,
} from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { ApiError } from "../http/errors.ts";
import { filtersOf, list, rangeOf, scopeOf } from "../http/reading.ts";
import { checkZone, Timezone } from "../http/timezone.ts";
import { errorAnswers, filterParams, Instant, page, RangeParams, ReadParams, tag } from "./schemas.ts";

const Group = Type.Enum([...statsGroups]);
const groupColumns = Object.fromEntries(statsGroups.map((name) => [name, Type.Optional(Type.String())]));

const Row = Type.Object({
  bucket: Type.String({ ...Instant, description: "Start of the bucket in UTC; without an interval, of the range." }),
  ...groupColumns,
  value: Type.Integer(),
});

/** Seconds of the shortest bucket. */
const shortest = { hour: 3_600, day: 82_800, week: 604_800 - 3_600, month: 28 * 86_400 - 3_600 };
const mostBuckets = 1_500;
const mostRows = 50_000;

/** `GET /v1/stats`. */
export function statsRoutes({ clickhouse }: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/v1/stats",
      {
        schema: {
          ...tag("Reads", "Numbers over time and by group, zero-filled"),
          querystring: Type.Object({
            ...RangeParams,
            ...ReadParams,
            ...filterParams(statsFilters),
            metric: Type.Enum([...statsMetrics], {
              default: "count",
              description: "Events, people (known or not), known users, or sessions by their entry.",
            }),
            group_by: Type.Optional(
              Type.Union([Group, Type.Array(Group, { maxItems: mostStatsGroups })], {
                description: "Repeat it for several columns.",
              }),
            ),
            interval: Type.Optional(Type.Enum([...statsIntervals])),
            timezone: Timezone,
            stitch: Type.Enum(["time_sliced", "first_owner"], { default: "time_sliced" }),
            limit: Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: "Groups, the largest first." }),
          }),
          response: { 200: page(Row), ...errorAnswers(400, 401, 403, 429, 503) },
        },
      },
      async (request) => {
        const { query } = request;
        const { metric, interval, timezone, stitch, include_bots, limit } = query;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, "project");
        const group_by = query.group_by === undefined ? [] : [query.group_by].flat();
        const filters = filtersOf(statsFilters, query);
        checkZone(timezone);
        checkSize(range, interval, group_by.length === 0 ? 1 : limit);
        if (metric === "sessions") checkSessions([...group_by, ...statsFilters.filter((name) => filters[name])]);
        return list({
          scope,
          range,
          stitch,
          limit: mostRows,
          read: () =>
            stats(clickhouse, {
              ...scope,
              ...range,
              metric,
              interval,
              timezone,
              group_by,
              filters,
              stitch,
              include_bots,
              limit,
            }),
          show: ({ bucket, groups, value }) => ({
            bucket,
            ...Object.fromEntries(group_by.map((name, index) => [name, groups[index] ?? ""])),
            value,
          }),
        });
      },
    );
  };
}

function checkSize({ from, to }: Range, interval: keyof typeof shortest | undefined, groups: number): void {
  const seconds = (to.getTime() - from.getTime()) / 1000;
  const buckets = interval === undefined ? 1 : Math.ceil(seconds / shortest[interval]) + 1;
  if (buckets > mostBuckets || buckets * groups > mostRows)
    throw new ApiError("invalid_params", "Too many buckets: take a longer interval, a shorter range or fewer groups.");
}

function checkSessions(columns: readonly string[]): void {
  const wrong = columns.find((name) => !groupsSessions(name));
  if (wrong !== undefined) throw new ApiError("invalid_params", `Sessions have no ${wrong}.`);
}
