import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { campaignParameters } from "@millimetric/attribution";
import { type Trait, type UserRow, userFilters, users } from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { ApiError } from "../http/errors.ts";
import { decodeCursor, encodeCursor, filtersOf, list, rangeOf, scopeOf } from "../http/reading.ts";
import {
  errorAnswers,
  filterParams,
  Instant,
  Meta,
  PageParams,
  page,
  RangeParams,
  ReadParams,
  StitchParams,
  tag,
} from "./schemas.ts";

const text = Type.String();
const Touch = { source: text, medium: text, campaign: text, channel: text, at: Instant };

const Profile = {
  user_id: text,
  traits: Type.Record(text, Type.Unknown(), { description: "The latest value of each." }),
  devices: Type.Array(text, { description: "Visitors that were this user, in the order they became so." }),
  device_count: Type.Integer(),
  shared_devices: Type.Integer({ description: "How many of them have met another user, too." }),
  first_seen_at: Instant,
  last_seen_at: Instant,
  events: Type.Integer(),
  first_touch: Type.Object(Touch),
  last_touch: Type.Union([Type.Object(Touch), Type.Null()], {
    description: "The newest entry of a session; null for a user that only servers tell of.",
  }),
};

/** `GET /v1/users` and `GET /v1/users/:user_id`. */
export function userRoutes({ clickhouse }: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/v1/users",
      {
        schema: {
          ...tag("Reads", "Users seen in the range, with their profiles; filtered by where they first came from"),
          querystring: Type.Object({
            ...RangeParams,
            ...PageParams,
            ...ReadParams,
            ...StitchParams,
            ...filterParams(userFilters),
          }),
          response: { 200: page(Type.Object(Profile)), ...errorAnswers(400, 401, 403, 429, 503) },
        },
      },
      (request) => {
        const { query } = request;
        const { stitch, include_bots } = query;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, "project");
        const filters = filtersOf(userFilters, query);
        const after = query.cursor === undefined ? undefined : String(decodeCursor(query.cursor, ["string"])[0]);
        return list({
          scope,
          range,
          stitch,
          limit: query.limit,
          read: (limit) => users(clickhouse, { ...scope, ...range, stitch, include_bots, filters, after, limit }),
          show: shown,
          cursor: ({ user_id }) => encodeCursor([user_id]),
        });
      },
    );

    app.get(
      "/v1/users/:user_id",
      {
        schema: {
          ...tag("Reads", "The profile of one user"),
          params: Type.Object({ user_id: Type.String({ minLength: 1, maxLength: 256 }) }),
          querystring: Type.Object({ ...ReadParams, ...StitchParams }),
          response: {
            200: Type.Object({ ...Profile, meta: Meta }),
            ...errorAnswers(400, 401, 403, 404, 429, 503),
          },
        },
      },
      async (request) => {
        const { query } = request;
        const { stitch, include_bots } = query;
        const { user_id } = request.params;
        const scope = scopeOf(request, query);
        const range = rangeOf({}, "person");
        const { rows, meta } = await list({
          scope,
          range,
          stitch,
          limit: 1,
          read: (limit) => users(clickhouse, { ...scope, ...range, stitch, include_bots, user_id, filters: {}, limit }),
          show: shown,
        });
        const [profile] = rows;
        if (profile === undefined) throw new ApiError("not_found", "Nobody was ever this user.");
        return { ...profile, meta };
      },
    );
  };
}

const shown = ({ traits, ...row }: UserRow) => ({
  ...row,
  device_count: row.devices.length,
  traits: Object.fromEntries(traits.filter(isOwn).map(({ name, value }) => [name, JSON.parse(value) as unknown])),
});

/** Not one of the campaign parameters that every event gets from its url. */
const isOwn = ({ name, value, url }: Trait) => JSON.stringify(campaignParameters(url)[name]) !== value;
