import { Readable } from "node:stream";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { limits } from "@millimetric/contracts";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { everythingAbout } from "../forget/export.ts";
import { requireSecretKey } from "../http/auth.ts";
import { errorAnswers, tag } from "./schemas.ts";

const Lines = Type.Unsafe<Readable>(Type.String({ description: "One JSON object a line; `kind` says what it is." }));

/** `GET /v1/users/:user_id/export`. */
export function exportRoutes(deps: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.addHook("onRequest", requireSecretKey(deps.keys));
    app.addHook("onRequest", app.limitByKey);

    app.get(
      "/v1/users/:user_id/export",
      {
        schema: {
          ...tag("People", "Everything that is held about a user"),
          params: Type.Object({ user_id: Type.String({ minLength: 1, maxLength: limits.userId }) }),
          response: {
            200: {
              description: "Newline-delimited JSON, made while it is sent.",
              content: { "application/x-ndjson": { schema: Lines } },
            },
            ...errorAnswers(400, 401, 403, 429, 503),
          },
        },
      },
      async ({ params, caller }, reply) => {
        const lines = everythingAbout(deps, caller.project_id, params.user_id);
        // What fails at once still gets a status of its own.
        const first = await lines.next();
        const text = async function* () {
          if (!first.done) yield first.value;
          yield* lines;
        };
        return reply.type("application/x-ndjson").send(Readable.from(text()));
      },
    );
  };
}
