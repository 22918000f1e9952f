import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { receipts } from "@millimetric/clickhouse";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { decodeCursor, encodeCursor, list, rangeOf, scopeOf } from "../http/reading.ts";
import { errorAnswers, Instant, PageParams, page, RangeParams, ReadParams, tag } from "./schemas.ts";

const Count = Type.Integer({ minimum: 0 });

const Receipt = Type.Object({
  minute: Instant,
  key_prefix: Type.String({ description: "Public part of the key that sent the events." }),
  received: Count,
  accepted: Count,
  rejected: Type.Record(Type.String(), Count, { description: "By error code. received = accepted + rejected." }),
  stored: Count,
  duplicate: Type.Integer({ description: "Their event_id counted already." }),
  suppressed: Type.Integer({ description: "Of people who were forgotten: not stored." }),
  dead: Type.Integer({ description: "Accepted, and never taken by ClickHouse; see /v1/dead-letters." }),
  waiting: Type.Integer({ description: "accepted - stored - duplicate - suppressed - dead: still in the spool." }),
  removed: Type.Integer({
    description: "Stored, and removed since, with somebody who was forgotten or because of their age.",
  }),
});

/** `GET /v1/receipts`: the delivery ledger. */
export function receiptRoutes({ clickhouse, ledger }: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/v1/receipts",
      {
        schema: {
          ...tag("Delivery", "What became of every event, by key and minute"),
          querystring: Type.Object({ ...RangeParams, ...PageParams, env: ReadParams.env }),
          response: { 200: page(Receipt), ...errorAnswers(400, 401, 403, 429, 503) },
        },
      },
      async (request) => {
        const { query } = request;
        const scope = scopeOf(request, query);
        const range = rangeOf(query, "project");
        const position = query.cursor === undefined ? undefined : decodeCursor(query.cursor, ["number", "string"]);
        const after = position && { minute: new Date(Number(position[0])), key_prefix: String(position[1]) };
        await ledger.flush();
        return list({
          scope,
          range,
          limit: query.limit,
          read: (limit) => receipts(clickhouse, { ...scope, ...range, limit, after }),
          show: (row) => ({ ...row, waiting: row.accepted - row.stored - row.duplicate - row.suppressed - row.dead }),
          cursor: ({ minute, key_prefix }) => encodeCursor([Date.parse(minute), key_prefix]),
        });
      },
    );
  };
}
