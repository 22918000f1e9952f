import type { FastifyInstance, FastifyReply, FastifyRequest, onResponseHookHandler } from "fastify";
import type { Metrics } from "../metrics.ts";

/** Times every answer. Each route has a hook that knows its name: a request makes an object of a dozen fields when asked for its route. */
export function observeRequests(app: FastifyInstance, { requests }: Metrics): void {
  const observe = (route: string, { method }: FastifyRequest, { statusCode: status, elapsedTime }: FastifyReply) =>
    requests.observe({ method, route, status }, elapsedTime / 1000);
  // Hooks take a callback: a promise each would cost more than most of them do.
  app.addHook("onRoute", (route) => {
    const ofRoute: onResponseHookHandler = (request, reply, done) => {
      observe(route.url, request, reply);
      done();
    };
    route.onResponse = [ofRoute, ...[route.onResponse ?? []].flat()];
  });
  app.addHook("onResponse", (request, reply, done) => {
    if (request.is404) observe("none", request, reply);
    done();
  });
}
