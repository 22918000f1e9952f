import type { IncomingMessage, ServerResponse } from "node:http";
import { addressOf, answerNode } from "./proxy/node.ts";
import { createIngestProxy, type ProxyOptions } from "./proxy/proxy.ts";
import { type VisitorOptions, visitorOf } from "./visitor/visitor.ts";

declare global {
  namespace Express {
    interface Request {
      /** The visitor's id for `anonymous_id`, from the `aid` cookie; set by `visitor()` of @millimetric/track-node/express. */
      anonymousId?: string | undefined;
    }
  }
}

/** A middleware of Express, Connect, or Node's own server. */
export type Middleware = (
  request: IncomingMessage & { anonymousId?: string | undefined; ip?: string | undefined; originalUrl?: string },
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Sets `request.anonymousId` from the first-party `aid` cookie, and makes or renews the cookie with the answer.
 *
 * @throws {TypeError} when an option is wrong
 *
 * @example
 * app.use(visitor({ domain: "example.com" }));
 * app.post("/signup", (request, response) => {
 *   track({ event: "signup", user_id: user.id, anonymous_id: request.anonymousId });
 * });
 */
export function visitor(options: VisitorOptions = {}): Middleware {
  visitorOf({ headers: {} }, options);
  return (request, response, next) => {
    const { anonymousId, setCookie } = visitorOf(request, options);
    request.anonymousId = anonymousId;
    for (const value of setCookie) response.appendHeader("set-cookie", value);
    if (setCookie.length > 0) response.setHeader("cache-control", "private");
    next();
  };
}

/**
 * Passes events of browsers on to the API, from your own origin; see `ProxyOptions`. It reads bodies itself: mount it before
 * `express.json()`. The visitor's address is `request.ip`, so set Express' `trust proxy` as your load balancer needs it.
 *
 * @throws {TypeError} when an option is wrong
 *
 * @example
 * app.use(ingestProxy({ host: "https://analytics.example.com" })); // the browser SDK's host: "/mm"
 */
export function ingestProxy(options: ProxyOptions = {}): Middleware {
  const proxy = createIngestProxy(options);
  return (request, response, next) => {
    const [path = ""] = addressOf(request).split("?");
    if (!path.startsWith(`${proxy.path}/`)) return next();
    if (request.readableDidRead)
      return next(new Error("ingestProxy() must come before middleware that reads bodies, such as express.json()."));
    const address = options.clientAddress === undefined ? (request.ip ?? request.socket.remoteAddress) : undefined;
    answerNode(proxy, request, response, address).catch(next);
  };
}
