import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { devices, eventFilters, events, firstTouch, firstTouchGrouped } from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { requireKey } from "../http/auth.ts";
import { actForCaller, boundToCaller } from "../http/bound-clickhouse.ts";
import {
  decodeCursor,
  encodeCursor,
  eventCursor,
  eventPosition,
  filtersOf,
  list,
  rangeOf,
  scopeOf,
  shownEvent,
} from "../http/reading.ts";
import { attributionRoutes } from "./attribution.ts";
import { conversionRoutes } from "./conversions.ts";
import { deadLetterRoutes } from "./dead-letters.ts";
import { funnelRoutes } from "./funnel.ts";
import { identityRoutes } from "./identities.ts";
import { journeyRoutes } from "./journey.ts";
import { receiptRoutes } from "./receipts.ts";
import { retentionRoutes } from "./retention.ts";
import {
  errorAnswers,
  filterParams,
  Instant,
  PageParams,
  page,
  RangeParams,
  ReadParams,
  StitchParams,
  StoredEvent,
  tag,
} from "./schemas.ts";
import { sessionRoutes } from "./sessions.ts";
import { sourceRoutes } from "./sources.ts";
import { statsRoutes } from "./stats.ts";
import { userRoutes } from "./users.ts";

const errors = errorAnswers(400, 401, 403, 429, 503);

const User = Type.Optional(Type.String({ minLength: 1, maxLength: 256 }));

const FirstTouch = Type.Object({
  user_id: Type.Optional(Type.String()),
  users: Type.Optional(Type.Integer({ description: "With `group_by=source`." })),
  first_touch_source: Type.String(),
  first_touch_medium: Type.String(),
  first_touch_campaign: Type.String(),
  first_touch_channel: Type.Optional(Type.String()),
  first_seen_at: Type.Optional(Instant),
});

const Device = Type.Object({
  user_id: Type.String(),
  devices: Type.Array(Type.String()),
  device_count: Type.Integer(),
});

/** Everything that can be asked with an rk or sk key. */
export function readRoutes(given: Deps): FastifyPluginAsyncTypebox {
  // Nothing below can reach another project, whatever it asks.
  const deps = { ...given, clickhouse: boundToCaller(given.clickhouse) };
  const { clickhouse, keys } = deps;
  return async (app) => {
    app.addHook("onRequest", requireKey(keys, ["rk", "sk"]));
    app.addHook("onRequest", app.limitByKey);
    actForCaller(app);
    await app.register(journeyRoutes(deps));
    await app.register(attributionRoutes(deps));
    await app.register(conversionRoutes(deps));
    await app.register(sessionRoutes(deps));
    await app.register(statsRoutes(deps));
    await app.register(sourceRoutes(deps));
    await app.register(funnelRoutes(deps));
    await app.register(retentionRoutes(deps));
    await app.register(userRoutes(deps));
    await app.register(receiptRoutes(deps));
    await app.register(deadLetterRoutes(deps));
    await app.register(identityRoutes(deps));

    app.get(
      "/v1/query",
      {
        schema: {
          ...tag("Reads", "Raw events, newest first"),
          querystring: Type.Object({ ...RangeParams, ...PageParams, ...ReadParams, ...filterParams(eventFilters) }),
          response: { 200: page(Type.Object(StoredEvent)), ...errors },
        },
      },
      (request) => {
        const { query } = request;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, "project");
        const filters = filtersOf(eventFilters, query);
        const before = eventPosition(query.cursor);
        return list({
          scope,
          range,
          limit: query.limit,
          read: (limit) =>
            events(clickhouse, { ...scope, ...range, filters, limit, include_bots: query.include_bots, before }),
          show: shownEvent,
          cursor: eventCursor,
        });
      },
    );

    app.get(
      "/v1/attribution/first-touch",
      {
        schema: {
          ...tag("Reads", "Where each user first came from"),
          querystring: Type.Object({
            ...RangeParams,
            ...PageParams,
            ...ReadParams,
            ...StitchParams,
            user_id: User,
            group_by: Type.Optional(Type.Enum(["source"], { description: "Users per source, medium and campaign." })),
          }),
          response: { 200: page(FirstTouch), ...errors },
        },
      },
      (request) => {
        const { query } = request;
        const { stitch, include_bots, user_id } = query;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, user_id === undefined ? "project" : "person");
        const params = { ...scope, ...range, stitch, include_bots };
        const shared = { scope, range, limit: query.limit, stitch };
        if (query.group_by !== undefined)
          return list({
            ...shared,
            read: (limit) => firstTouchGrouped(clickhouse, { ...params, limit }),
            show: (row) => row,
          });
        const after = query.cursor === undefined ? undefined : String(decodeCursor(query.cursor, ["string"])[0]);
        return list({
          ...shared,
          read: (limit) => firstTouch(clickhouse, { ...params, user_id, after, limit }),
          show: (row) => row,
          cursor: (row) => encodeCursor([row.user_id]),
        });
      },
    );

    app.get(
      "/v1/devices",
      {
        schema: {
          ...tag("Reads", "Users with several devices"),
          querystring: Type.Object({
            ...RangeParams,
            ...PageParams,
            env: ReadParams.env,
            user_id: User,
            min_devices: Type.Optional(
              Type.Integer({ minimum: 1, maximum: 10_000, description: "Default: 2, or 1 with `user_id`." }),
            ),
          }),
          response: { 200: page(Device), ...errors },
        },
      },
      (request) => {
        const { query } = request;
        const { user_id } = query;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, user_id === undefined ? "project" : "person");
        const min_devices = query.min_devices ?? (user_id === undefined ? 2 : 1);
        const position = query.cursor === undefined ? undefined : decodeCursor(query.cursor, ["number", "string"]);
        const after =
          position === undefined ? undefined : { device_count: Number(position[0]), user_id: String(position[1]) };
        return list({
          scope,
          range,
          limit: query.limit,
          read: (limit) => devices(clickhouse, { ...scope, ...range, user_id, min_devices, after, limit }),
          show: (row) => row,
          cursor: (row) => encodeCursor([row.device_count, row.user_id]),
        });
      },
    );
  };
}
