import { RejectedEvent } from "@millimetric/contracts";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { Deps } from "../app.ts";
import { acceptBodies, jsonTypes } from "../http/body.ts";
import { ApiError } from "../http/errors.ts";
import { type RequestLimits, shedLoad } from "../http/limits.ts";
import { envelopeOf } from "../ingest/enrichment.ts";
import { shapeProblems } from "../ingest/event-row.ts";
import { allRefused, listed, type Refused } from "../ingest/intake.ts";
import { errorAnswers, tag } from "../routes/schemas.ts";
import { requireWriteKey } from "./auth.ts";
import { eventOf, type Surroundings } from "./event.ts";
import { Batch, batchShape, type Call, calls, Message, messageShape } from "./message.ts";
import { settings, settingsSchema } from "./settings.ts";

const Success = Type.Object({ success: Type.Literal(true) });
const BatchSuccess = Type.Object({
  success: Type.Literal(true),
  accepted: Type.Integer({ minimum: 0 }),
  rejected: Type.Array(RejectedEvent),
});

const errors = errorAnswers(400, 401, 403, 413, 429, 503);
const security = [{ basic: [] }];

/** What is kept of a message that is refused unread: its context tells the visitor's address. */
const withoutContext = (message: unknown) =>
  typeof message === "object" && message !== null ? { ...message, context: undefined } : message;

/**
 * `POST /segment/v1/…`: what Segment's and RudderStack's clients send, onto the same way in as `/v1/batch` (SPEC 3.8). The one-letter
 * addresses are those of Segment's browser client.
 */
export function segmentRoutes({ keys, intake, commit, enrich }: Deps, requestLimits: RequestLimits) {
  async function take(request: FastifyRequest, messages: readonly unknown[], call?: Call, batch?: Surroundings) {
    const envelope = envelopeOf(request, enrich);
    const refused: Refused[] = [];
    const events: Record<string, unknown>[] = [];
    const places: number[] = [];
    for (const [index, message] of messages.entries()) {
      if (messageShape.Check(message)) {
        events.push(eventOf(message, call, batch));
        places.push(index);
      } else {
        const details = shapeProblems(message, messageShape);
        const error = new ApiError("invalid_payload", "The message is not acceptable.", { details });
        intake.refuse(withoutContext(message), error, envelope);
        refused.push({ index, event_id: null, error });
      }
    }
    const taken = await intake.take(events, envelope);
    refused.push(...taken.refused.map((one) => ({ ...one, index: places[one.index] ?? one.index })));
    return { accepted: taken.event_ids.length, refused: refused.sort((a, b) => a.index - b.index) };
  }

  async function takeBatch(request: FastifyRequest) {
    const { body } = request;
    if (!batchShape.Check(body))
      throw new ApiError("invalid_payload", "The body is {batch: […]}.", { details: shapeProblems(body, batchShape) });
    const { accepted, refused } = await take(request, body.batch, undefined, body);
    if (accepted === 0) throw allRefused("messages", refused);
    const rejected = listed(refused);
    return { success: true as const, accepted, rejected };
  }

  async function takeOne(request: FastifyRequest, call: Call) {
    const { refused } = await take(request, [request.body], call);
    if (refused[0] !== undefined) throw refused[0].error;
    return { success: true as const };
  }

  return async (app: FastifyInstance): Promise<void> => {
    await app.register(async (open) => {
      open.get("/segment/v1/projects/:write_key/settings", { schema: settingsSchema }, settings);
    });
    await app.register(ingest);
  };

  async function ingest(app: FastifyInstance): Promise<void> {
    // RudderStack's client for Node calls its gzipped JSON a form.
    acceptBodies(app, [...jsonTypes, "application/x-www-form-urlencoded"]);
    // The schemas below document; each message is checked by itself, so that a bad one never costs its neighbours.
    app.setValidatorCompiler(() => () => true);
    shedLoad(app, requestLimits, commit.busy);
    app.addHook("preHandler", requireWriteKey(keys));
    app.addHook("preHandler", app.limitByKey);

    const batch = { body: Batch, response: { 200: BatchSuccess, ...errors }, security };
    app.post("/segment/v1/batch", { schema: { ...tag("Segment", "Store up to 1000 messages"), ...batch } }, takeBatch);
    app.post("/segment/v1/b", { schema: { ...batch, hide: true } }, takeBatch);
    for (const call of calls) {
      const one = { body: Message, response: { 200: Success, ...errors }, security };
      const schema = { ...tag("Segment", `Store one ${call} message`), ...one };
      app.post(`/segment/v1/${call}`, { schema }, (request) => takeOne(request, call));
      app.post(`/segment/v1/${call.charAt(0)}`, { schema: { ...one, hide: true } }, (request) =>
        takeOne(request, call),
      );
    }
  }
}
