import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyReply, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { loadText } from "../browser-script/load.ts";
import { type BrowserScript, encodingFor, makeScript } from "../browser-script/script.ts";
import { ApiError } from "../http/errors.ts";
import { errorAnswers, tag } from "./schemas.ts";

/** Seconds. */
const hour = 3_600;
const week = 7 * 24 * hour;
const year = 365 * 24 * hour;

/** A new version reaches visitors within an hour; until it is there, the old one is shown and none waits for it. */
const latest = `public, max-age=${hour}, stale-while-revalidate=${week}, stale-if-error=${week}`;
const pinned = `public, max-age=${year}, immutable`;

/** Any site may load it, and check its hash: there is nothing of anybody's in it. */
const shared = {
  "access-control-allow-origin": "*",
  "cross-origin-resource-policy": "cross-origin",
  "x-content-type-options": "nosniff",
  vary: "accept-encoding",
};

/** `GET /v1/a.js`, and the same under its content's own address, `/v1/a.<version>.js`, for pages that pin it. */
export function browserScriptRoutes(): FastifyPluginAsyncTypebox {
  let loading: Promise<BrowserScript> | undefined;
  /** At the first request; what failed is tried again by the next. */
  function script(): Promise<BrowserScript> {
    loading ??= loadText()
      .then(makeScript)
      .catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
    return loading;
  }

  function send({ headers }: FastifyRequest, reply: FastifyReply, { body, encoded, version }: BrowserScript) {
    const tagged = `"${version}"`;
    reply.headers({ ...shared, etag: `W/${tagged}` });
    // Weak: each encoding has bytes of its own.
    const known = (headers["if-none-match"] ?? "").split(",").map((one) => one.trim().replace(/^W\//, ""));
    if (known.includes(tagged) || known.includes("*")) return reply.status(304).send();
    reply.type("text/javascript; charset=utf-8");
    const encoding = encodingFor(headers["accept-encoding"]);
    return encoding === undefined
      ? reply.send(body)
      : reply.header("content-encoding", encoding).send(encoded[encoding]);
  }

  return async (app) => {
    const Script = Type.Any({ description: "JavaScript." });
    app.get(
      "/v1/a.js",
      {
        schema: {
          ...tag("Browser SDK", "The browser SDK"),
          description:
            "Compressed with brotli or gzip. Its `ETag` is the version of `/v1/a.<version>.js`, which never changes.",
          produces: ["text/javascript"],
          security: [],
          response: { 200: Script, 304: Type.Null({ description: "Not changed." }), ...errorAnswers(429) },
        },
      },
      async (request, reply) => send(request, reply.header("cache-control", latest), await script()),
    );
    app.get<{ Params: { version: string } }>(
      "/v1/a.:version(^[0-9a-f]{16}).js",
      { schema: { hide: true } },
      async (request, reply) => {
        const known = await script();
        if (request.params.version !== known.version)
          throw new ApiError("not_found", "This platform has another version of the SDK: see /v1/a.js.");
        return send(request, reply.header("cache-control", pinned), known);
      },
    );
  };
}
