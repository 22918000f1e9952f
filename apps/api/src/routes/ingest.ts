import { Accepted, BatchAccepted, Event, Identify, limits, Timestamp } from "@millimetric/contracts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import type { Deps } from "../app.ts";
import { requireIngestKey } from "../http/auth.ts";
import { acceptBodies } from "../http/body.ts";
import { ApiError } from "../http/errors.ts";
import { type RequestLimits, shedLoad } from "../http/limits.ts";
import { type Envelope, eventRow, shapeProblems } from "../ingest/event-row.ts";
import type { StorableRow } from "../ingest/store-rows.ts";
import { parseInstant } from "../ingest/time.ts";
import { errorAnswers, tag } from "./schemas.ts";

const identifyShape = Compile(Identify);

const Batch = Type.Object({
  events: Type.Array(Event, { minItems: 1, maxItems: limits.batchEvents }),
  sent_at: Type.Optional(Timestamp),
});

const errors = errorAnswers(400, 401, 403, 413, 429, 503);

/** `POST /v1/track`, `/v1/batch`, `/v1/identify`. */
export function ingestRoutes({ keys, commit }: Deps, requestLimits: RequestLimits) {
  return async (app: FastifyInstance): Promise<void> => {
    acceptBodies(app);
    // The schemas below document; each event is checked by itself, so that a bad one never costs its neighbours.
    app.setValidatorCompiler(() => () => true);
    await shedLoad(app, requestLimits);
    app.addHook("preHandler", requireIngestKey(keys));
    app.addHook("preHandler", app.limitByKey);

    app.post(
      "/v1/track",
      { schema: { ...tag("Ingest", "Store one event"), body: Event, response: { 202: Accepted, ...errors } } },
      async (request, reply) => {
        const row = eventRow(request.body, envelope(request));
        await commit.store([row]);
        return reply.status(202).send({ ok: true, event_id: row.event_id });
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
        if (!identifyShape.Check(request.body))
          throw new ApiError("invalid_payload", "The body is not acceptable.", {
            details: shapeProblems(request.body, identifyShape),
          });
        const { traits, ...rest } = request.body;
        const event = { ...rest, event: "$identify", ...(traits === undefined ? {} : { properties: traits }) };
        const row = eventRow(event, envelope(request));
        await commit.store([row]);
        return reply.status(202).send({ ok: true, event_id: row.event_id });
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
        const { rows, rejected } = sort(events, { ...envelope(request), sentAt });
        if (rows.length === 0)
          throw new ApiError("invalid_payload", "None of the events is acceptable.", { details: { rejected } });
        await commit.store(rows);
        return reply.status(202).send({ ok: true, accepted: rows.length, rejected });
      },
    );
  };
}

function envelope(request: FastifyRequest): Envelope {
  const { project_id, env } = request.caller;
  return { project_id, env, receivedAt: Date.now(), userAgent: request.headers["user-agent"] };
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

function sort(events: readonly unknown[], envelope: Envelope) {
  const rows: StorableRow[] = [];
  const rejected: { index: number; event_id: string | null; error: string; details?: unknown }[] = [];
  for (const [index, event] of events.entries()) {
    try {
      rows.push(eventRow(event, envelope));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const { code, message, details } = error;
      rejected.push({ index, event_id: idOf(event), error: code, details: { message, problems: details } });
    }
  }
  return { rows, rejected };
}

function idOf(event: unknown): string | null {
  const id = typeof event === "object" && event !== null && "event_id" in event ? event.event_id : undefined;
  return typeof id === "string" && id.length <= limits.eventId && id.isWellFormed() ? id : null;
}
