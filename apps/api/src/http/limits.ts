import type { FastifyInstance, FastifyRequest, HookHandlerDoneFunction } from "fastify";
import { ApiError } from "./errors.ts";
import { watchEventLoop } from "./event-loop-delay.ts";
import { createBuckets } from "./token-buckets.ts";

type Hook = (request: FastifyRequest, reply: unknown, done: HookHandlerDoneFunction) => void;

declare module "fastify" {
  interface FastifyInstance {
    /** A hook for after the key is known. */
    limitByKey: Hook;
  }
}

export interface RequestLimits {
  /** Requests per second of one API key, and of one client address. */
  keyPerSecond: number;
  addressPerSecond: number;
  /** Milliseconds of event-loop delay beyond which new work is turned away. */
  maxEventLoopDelay: number;
}

/** Limits by client address every request, found or not; by key those routes that ask for it. Addresses stay in memory. */
export function limitRequests(app: FastifyInstance, limits: RequestLimits): void {
  app.addHook(
    "onRequest",
    limit(limits.addressPerSecond, ({ ip }) => ip),
  );
  app.decorate(
    "limitByKey",
    limit(limits.keyPerSecond, ({ caller }) => caller.prefix),
  );
}

function limit(perSecond: number, nameOf: (request: FastifyRequest) => string): Hook {
  const buckets = createBuckets({ perSecond });
  return (request, _reply, done) => {
    const retryAfter = buckets.take(nameOf(request));
    if (retryAfter > 0) throw new ApiError("rate_limited", "Too many requests.", { retryAfter });
    done();
  };
}

/** Turns new work of these routes away, before its body is read, while the process is too busy to answer in time. */
export function shedLoad(app: FastifyInstance, { maxEventLoopDelay }: RequestLimits, busy: () => boolean): void {
  const eventLoop = watchEventLoop();
  app.addHook("onClose", async () => eventLoop.stop());
  app.addHook("onRequest", (_request, _reply, done) => {
    if (busy()) throw new ApiError("overloaded", "Too many events are waiting to be stored.", { retryAfter: 1 });
    if (eventLoop.delayMs() > maxEventLoopDelay)
      throw new ApiError("overloaded", "Too busy to take this in time.", { retryAfter: 2 });
    done();
  });
}
