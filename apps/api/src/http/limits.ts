import rateLimit from "@fastify/rate-limit";
import underPressure from "@fastify/under-pressure";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { ApiError } from "./errors.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** A hook for after the key is known. */
    limitByKey(request: FastifyRequest): Promise<void>;
  }
}

export interface RequestLimits {
  /** Requests per second of one API key, and of one client address. */
  keyPerSecond: number;
  addressPerSecond: number;
  /** Milliseconds of event-loop delay beyond which new work is turned away. */
  maxEventLoopDelay: number;
}

/** Keys and addresses remembered; above it the least recent are forgotten. */
const remembered = 20_000;

/** Limits by client address every request, found or not; by key those routes that ask for it. Addresses stay in memory. */
export async function limitRequests(app: FastifyInstance, limits: RequestLimits): Promise<void> {
  await app.register(rateLimit, { global: false, cache: remembered });
  const timeWindow = 1_000;
  const byAddress = app.createRateLimit({ max: limits.addressPerSecond, timeWindow, keyGenerator: ({ ip }) => ip });
  const byKey = app.createRateLimit({
    max: limits.keyPerSecond,
    timeWindow,
    keyGenerator: ({ caller }) => `key ${caller.prefix}`,
  });
  const hook = (limit: typeof byKey) => async (request: FastifyRequest) => {
    const result = await limit(request);
    if (result.isAllowed || !result.isExceeded) return;
    throw new ApiError("rate_limited", "Too many requests.", { retryAfter: Math.max(1, result.ttlInSeconds) });
  };
  app.addHook("onRequest", hook(byAddress));
  app.decorate("limitByKey", hook(byKey));
}

/** Turns new work of these routes away, before its body is read, while the process is too busy to answer in time. */
export async function shedLoad(
  app: FastifyInstance,
  { maxEventLoopDelay }: RequestLimits,
  busy: () => boolean,
): Promise<void> {
  app.addHook("onRequest", async () => {
    if (busy()) throw new ApiError("overloaded", "Too many events are waiting to be stored.", { retryAfter: 1 });
  });
  await app.register(underPressure, {
    maxEventLoopDelay,
    sampleInterval: 500,
    pressureHandler() {
      throw new ApiError("overloaded", "Too busy to take this in time.", { retryAfter: 2 });
    },
  });
}
