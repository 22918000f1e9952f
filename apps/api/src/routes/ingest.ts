import { Accepted, BatchAccepted, Event, Identify, limits, Timestamp } from "@millimetric/contracts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import type { Deps } from "../app.ts";
import { requireIngestKey } from "../http/auth.ts";
import { acceptBodies } from "../http/body.ts";
import { ApiError } from "../http/errors.ts";
import { type RequestLimits, shedLoad } from "../http/limits.ts";
import { envelopeOf } from "../ingest/enrichment.ts";
import { shapeProblems } from "../ingest/event-row.ts";
import { allRefused, listed, type Taken } from "../ingest/intake.ts";
import { parseInstant } from "../ingest/time.ts";
import { errorAnswers, tag } from "./schemas.ts";

const identifyShape = Compile(Identify);

const Batch = Type.Object({
  events: Type.Array(Event, { minItems: 1, maxItems: limits.batchEvents }),
  sent_at: Type.Optional(Timestamp),
});

const errors = errorAnswers(400, 401, 403, 413, 429, 503);

/** `POST /v1/track`, `/v1/batch`, `/v1/identify`. */
export function ingestRoutes({ keys, intake, commit, enrich }: Deps, requestLimits: RequestLimits) {
  const envelope = (request: FastifyRequest) => envelopeOf(request, enrich);

  return async (app: FastifyInstance): Promise<void> => {
    acceptBodies(app);
    // The schemas below document; each event is checked by itself, so that a bad one never costs its neighbours.
    app.setValidatorCompiler(() => () => true);
    shedLoad(app, requestLimits, commit.busy);
    app.addHook("preHandler", requireIngestKey(keys));
    app.addHook("preHandler", app.limitByKey);

    app.post(
      "/v1/track",
      { schema: { ...tag("Ingest", "Store one event"), body: Event, response: { 202: Accepted, ...errors } } },
      async (request, reply) => {
        const taken = intake.take([request.body], envelope(request));
        // While it waits for its answer, as little as can be is kept of it.
        request.body = undefined as never;
        reply.status(202);
        return { ok: true, event_id: idOfOne(await taken) };
      },
    );

    app.post(
      "/v1/identify",
      {
        schema: {
          ...tag("Ingest", "Link a visitor to a user"),
          body: Identify,
          response: { 202: Accepted, ...errors },
        },
      },
      async (request, reply) => {
        if (!identifyShape.Check(request.body)) {
          const details = shapeProblems(request.body, identifyShape);
          const error = new ApiError("invalid_payload", "The body is not acceptable.", { details });
          intake.refuse(request.body, error, envelope(request));
          throw error;
        }
        const { traits, ...rest } = request.body;
        const event = { ...rest, event: "$identify", ...(traits === undefined ? {} : { properties: traits }) };
        reply.status(202);
        return { ok: true, event_id: idOfOne(await intake.take([event], envelope(request))) };
      },
    );

    app.post(
      "/v1/batch",
      {
        schema: {
          ...tag("Ingest", "Store up to 1000 events"),
          body: Batch,
          response: { 202: BatchAccepted, ...errors },
        },
      },
      async (request, reply) => {
        const { events, sentAt } = batchOf(request.body);
        const { event_ids, refused } = await intake.take(events, { ...envelope(request), sentAt });
        if (event_ids.length === 0) throw allRefused("events", refused);
        const rejected = listed(refused);
        reply.status(202);
        return { ok: true, accepted: event_ids.length, rejected };
      },
    );
  };
}

function idOfOne({ event_ids: [event_id = ""], refused: [refused] }: Taken): string {
  if (refused !== undefined) throw refused.error;
  return event_id;
}

function batchOf(body: unknown): { events: unknown[]; sentAt: number | undefined } {
  if (typeof body !== "object" || body === null || !("events" in body) || !Array.isArray(body.events))
    throw new ApiError("invalid_payload", "The body is {events: […]}.");
  const { events } = body;
  if (events.length === 0 || events.length > limits.batchEvents)
    throw new ApiError("invalid_payload", `A batch has 1 to ${limits.batchEvents} events, not ${events.length}.`);
  const sent = "sent_at" in body ? body.sent_at : undefined;
  // A clock that cannot be read corrects nothing; the events are still good.
  return { events, sentAt: typeof sent === "string" || typeof sent === "number" ? parseInstant(sent) : undefined };
}
