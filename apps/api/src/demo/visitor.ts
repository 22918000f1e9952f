import {
  type ClickHouse,
  type Scope,
  sessions,
  visitorEvents,
  visitorOwners,
  visitorState,
} from "@millimetric/clickhouse";
import type { FastifyInstance } from "fastify";
import { ApiError } from "../http/errors.ts";

/** Newest ones of each kind. */
const limits = { events: 60, owners: 10, sessions: 10 };

/** An id as the browser SDK makes them. Others, such as those of the story to paste, could be guessed. */
const random = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The header that carries the visitor's id: in no address, and sent by no page of another origin. */
export const visitorHeader = "x-anonymous-id";

/**
 * `GET /demo/visitor`: what is stored about the visitor who asks, for the panel of the demo shop. It needs no key: who asks knows an id
 * of 60 random bits or more, which no browser but the visitor's own has, and sees what was sent under this id in the demo project. What
 * its users did elsewhere is not shown: an identify with somebody else's user id opens nothing.
 */
export function visitorRoute(clickhouse: ClickHouse, scope: Scope) {
  return async (app: FastifyInstance): Promise<void> => {
    app.get("/demo/visitor", { schema: { hide: true } }, async (request, reply) => {
      const anonymous_id = request.headers[visitorHeader];
      if (typeof anonymous_id !== "string" || !random.test(anonymous_id))
        throw new ApiError("invalid_id", `Send ${visitorHeader} with the id that the browser SDK made.`);
      const of = { ...scope, anonymous_id };
      // The panel asks again and again, and mostly nothing has changed.
      const etag = `"${await visitorState(clickhouse, of)}"`;
      reply.headers({ "cache-control": "no-store", etag });
      if (request.headers["if-none-match"] === etag) return reply.status(304).send();
      const all = { from: new Date(0), to: new Date(Date.now() + 86_400_000), include_bots: true, filters: {} };
      const [events, owners, visits] = await Promise.all([
        visitorEvents(clickhouse, { ...of, limit: limits.events }),
        visitorOwners(clickhouse, { ...of, limit: limits.owners }),
        sessions(clickhouse, { ...of, ...all, stitch: "time_sliced", limit: limits.sessions }),
      ]);
      return reply.send({ anonymous_id, owners, sessions: visits, events });
    });
  };
}
