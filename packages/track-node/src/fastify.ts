import type { FastifyInstance } from "fastify";
import { answerNode } from "./proxy/node.ts";
import { createIngestProxy, type ProxyOptions } from "./proxy/proxy.ts";
import { type VisitorOptions, visitorOf } from "./visitor/visitor.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The visitor's id for `anonymous_id`, from the `aid` cookie; set by `visitor` of @millimetric/track-node/fastify. */
    anonymousId: string | undefined;
  }
}

/**
 * Sets `request.anonymousId` from the first-party `aid` cookie, and makes or renews the cookie with the answer.
 *
 * @example
 * await app.register(visitor, { domain: "example.com" });
 * app.post("/signup", async (request) => {
 *   track({ event: "signup", user_id: user.id, anonymous_id: request.anonymousId });
 * });
 */
export async function visitor(app: FastifyInstance, options: VisitorOptions): Promise<void> {
  visitorOf({ headers: {} }, options);
  app.decorateRequest("anonymousId", undefined);
  app.addHook("onRequest", async (request, reply) => {
    const { anonymousId, setCookie } = visitorOf(request, options);
    request.anonymousId = anonymousId;
    for (const value of setCookie) reply.header("set-cookie", value);
    if (setCookie.length > 0) reply.header("cache-control", "private");
  });
}

// For the whole application, and not for the plugin's own routes alone: what the package fastify-plugin does.
Object.assign(visitor, {
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "millimetric-visitor",
});

/**
 * Passes events of browsers on to the API, from your own origin; see `ProxyOptions`. The visitor's address is `request.ip`, so set
 * Fastify's `trustProxy` as your load balancer needs it.
 *
 * @example
 * await app.register(ingestProxy, { host: "https://analytics.example.com" }); // the browser SDK's host: "/mm"
 */
export async function ingestProxy(app: FastifyInstance, options: ProxyOptions): Promise<void> {
  const proxy = createIngestProxy(options);
  // The body stays a stream.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
  app.all(`${proxy.path}/*`, async (request, reply) => {
    reply.hijack();
    const address = options.clientAddress === undefined ? request.ip : undefined;
    await answerNode(proxy, request.raw, reply.raw, address);
  });
}
