import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { explain, identityLog, link, recordWithdrawal, shared } from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { requireKind } from "../http/auth.ts";
import { ApiError } from "../http/errors.ts";
import { decodeCursor, encodeCursor, list, rangeOf, scopeOf } from "../http/reading.ts";
import { manyDevices, manyUsers } from "../identity-signals.ts";
import { AnonymousId, Explanation, LogEntry, Shared, UserId, Withdrawal, Withdrawn } from "./identity-schemas.ts";
import { errorAnswers, PageParams, page, RangeParams, ReadParams, tag } from "./schemas.ts";

const errors = errorAnswers(400, 401, 403, 429, 503);
const orNotFound = errorAnswers(400, 401, 403, 404, 429, 503);

const summaries = { unlink: "Withdraw a link between a visitor and a user", relink: "Restore a withdrawn link" };

/** `POST /v1/identities/unlink`, `/relink`; `GET /v1/identities/explain`, `/log`, `/shared`. */
export function identityRoutes({ clickhouse }: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    for (const action of ["unlink", "relink"] as const) {
      app.post(
        `/v1/identities/${action}`,
        {
          schema: {
            ...tag("Identities", summaries[action]),
            body: Withdrawal,
            response: { 200: Withdrawn, ...orNotFound },
          },
          preHandler: requireKind("sk"),
        },
        async (request) => {
          const { anonymous_id, user_id, reason } = request.body;
          const id = { ...scopeOf(request, {}), anonymous_id, user_id };
          const before = await link(clickhouse, id);
          if (before === undefined) throw new ApiError("not_found", "No event ever linked these two.");
          const withdrawn = action === "unlink";
          const changed = before.withdrawn !== withdrawn;
          if (changed) await recordWithdrawal(clickhouse, { ...id, action, reason, key_prefix: request.caller.prefix });
          return { ok: true as const, changed, link: { anonymous_id, user_id, ...before, withdrawn } };
        },
      );
    }

    app.get(
      "/v1/identities/explain",
      {
        schema: {
          ...tag("Identities", "Which rule and which link put an event with its user"),
          querystring: Type.Object({
            event_id: Type.String({ minLength: 1, maxLength: 128 }),
            env: ReadParams.env,
          }),
          response: { 200: Explanation, ...orNotFound },
        },
      },
      async (request) => {
        const { event_id } = request.query;
        const found = await explain(clickhouse, { ...scopeOf(request, request.query), event_id });
        if (found === undefined) throw new ApiError("not_found", "No such event.");
        return found;
      },
    );

    app.get(
      "/v1/identities/log",
      {
        schema: {
          ...tag("Identities", "Who withdrew or restored which link, when and why; newest first"),
          querystring: Type.Object({
            ...RangeParams,
            ...PageParams,
            env: ReadParams.env,
            anonymous_id: Type.Optional(AnonymousId),
            user_id: Type.Optional(UserId),
          }),
          response: { 200: page(LogEntry), ...errors },
        },
      },
      (request) => {
        const { query } = request;
        const { anonymous_id, user_id } = query;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, "person");
        const before = logPosition(query.cursor);
        return list({
          scope,
          range,
          limit: query.limit,
          read: (limit) => identityLog(clickhouse, { ...scope, ...range, anonymous_id, user_id, before, limit }),
          show: (row) => row,
          cursor: ({ at, anonymous_id, user_id, action }) => encodeCursor([at, anonymous_id, user_id, action]),
        });
      },
    );

    app.get(
      "/v1/identities/shared",
      {
        schema: {
          ...tag("Identities", "Devices that met many users, or users with very many devices"),
          querystring: Type.Object({
            ...RangeParams,
            ...PageParams,
            env: ReadParams.env,
            of: Type.Enum(["devices", "users"], { default: "devices" }),
            least: Type.Optional(
              Type.Integer({
                minimum: 2,
                maximum: 1_000_000,
                description: `Default: ${manyUsers} users of a device, ${manyDevices} devices of a user.`,
              }),
            ),
          }),
          response: { 200: page(Shared), ...errors },
        },
      },
      (request) => {
        const { query } = request;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, "person");
        const least = query.least ?? (query.of === "devices" ? manyUsers : manyDevices);
        const position = query.cursor === undefined ? undefined : decodeCursor(query.cursor, ["number", "string"]);
        const after = position === undefined ? undefined : { others: count(position[0]), id: String(position[1]) };
        return list({
          scope,
          range,
          limit: query.limit,
          read: (limit) => shared(clickhouse, { ...scope, ...range, of: query.of, least, after, limit }),
          show: ({ id, others, sample, ...seen }) =>
            query.of === "devices"
              ? { anonymous_id: id, user_count: others, users: sample, ...seen }
              : { user_id: id, device_count: others, devices: sample, ...seen },
          cursor: ({ others, id }) => encodeCursor([others, id]),
        });
      },
    );
  };
}

const count = (part: unknown) => Math.min(Math.max(Math.trunc(Number(part)), 0), Number.MAX_SAFE_INTEGER);

function logPosition(cursor: string | undefined) {
  if (cursor === undefined) return undefined;
  const [at, anonymous_id, user_id, action] = decodeCursor(cursor, ["string", "string", "string", "string"]).map(
    String,
  );
  if (at === undefined || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z$/.test(at) || Number.isNaN(Date.parse(at)))
    throw new ApiError("invalid_params", "cursor is not one that we gave.");
  return {
    at,
    anonymous_id: anonymous_id ?? "",
    user_id: user_id ?? "",
    action: action === "unlink" ? ("unlink" as const) : ("relink" as const),
  };
}
