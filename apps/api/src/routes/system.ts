import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { tag } from "./schemas.ts";

const Readiness = Type.Object({
  ready: Type.Boolean(),
  reasons: Type.Array(Type.String({ description: "Why not." })),
});

/** Health, metrics and the API's own description. */
export function systemRoutes({ readiness, metrics }: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      "/healthz",
      { schema: { ...tag("System", "The process lives"), response: { 200: Type.Object({ ok: Type.Literal(true) }) } } },
      async () => ({ ok: true as const }),
    );

    app.get(
      "/readyz",
      {
        schema: {
          ...tag("System", "Schema is current and writes are possible"),
          response: { 200: Readiness, 503: Readiness },
        },
      },
      async (_, reply) => {
        const reasons = await readiness.reasonsAgainst();
        return reply.status(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
      },
    );

    app.get(
      "/metrics",
      { schema: { ...tag("System", "Prometheus metrics"), produces: ["text/plain"] } },
      async (_, reply) => reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
    );

    app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
  };
}
