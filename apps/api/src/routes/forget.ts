import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { idProblem, limits } from "@millimetric/contracts";
import { type Static, Type } from "typebox";
import type { Deps } from "../app.ts";
import type { Subject } from "../forget/hashes.ts";
import { type ForgetRecord, forgetOf } from "../forget/journal.ts";
import { requireSecretKey } from "../http/auth.ts";
import { ApiError } from "../http/errors.ts";
import { errorAnswers, Instant, tag } from "./schemas.ts";

const suppress = Type.Optional(
  Type.Boolean({ default: false, description: "Refuse later events of the person, too: 202, and not stored." }),
);
const Request = Type.Union([
  Type.Object({ user_id: Type.String({ maxLength: limits.userId }), suppress }),
  Type.Object(
    { anonymous_id: Type.String({ maxLength: limits.anonymousId }), suppress },
    { description: "A visitor: what of it belongs to no user." },
  ),
]);

const Queued = Type.Object({ ok: Type.Literal(true), queued: Type.Literal(true), request_id: Type.String() });

const Rows = Type.Object({
  events: Type.Integer(),
  dead_letters: Type.Integer(),
  link_withdrawals: Type.Integer(),
});
const MaybeInstant = Type.Union([Instant, Type.Null()]);
const Progress = Type.Object({
  request_id: Type.String(),
  state: Type.Enum(["queued", "running", "done", "failed"], {
    description: "failed: tried again by itself; nothing of the person shows meanwhile.",
  }),
  subject: Type.Enum(["user", "visitor"]),
  subject_hash: Type.String({ description: "Keyed hash of the id: what the audit record holds in its place." }),
  suppress: Type.Boolean(),
  requested_by: Type.String({ description: "Public part of the key that asked." }),
  requested_at: Instant,
  started_at: MaybeInstant,
  finished_at: MaybeInstant,
  found: Rows,
  removed: Rows,
  failure: Type.Optional(Type.String()),
});

const errors = errorAnswers(400, 401, 403, 429, 503);

/** `POST /v1/forget`, `GET /v1/forget/:request_id`. */
export function forgetRoutes({ clickhouse, keys, forget }: Deps): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.addHook("onRequest", requireSecretKey(keys));
    app.addHook("onRequest", app.limitByKey);

    app.post(
      "/v1/forget",
      {
        schema: { ...tag("People", "Forget a user or a visitor"), body: Request, response: { 202: Queued, ...errors } },
      },
      async ({ body, caller }, reply) => {
        const { request_id } = await forget({
          project_id: caller.project_id,
          subject: subjectOf(body),
          suppress: body.suppress ?? false,
          requested_by: caller.prefix,
        });
        return reply.status(202).send({ ok: true, queued: true, request_id });
      },
    );

    app.get(
      "/v1/forget/:request_id",
      {
        schema: {
          ...tag("People", "How far a request to forget somebody is"),
          params: Type.Object({ request_id: Type.String({ minLength: 1, maxLength: 64 }) }),
          response: { 200: Progress, ...errors, ...errorAnswers(404) },
        },
      },
      async ({ params, caller }) => {
        const record = await forgetOf(clickhouse, caller.project_id, params.request_id);
        const shown = record === undefined ? undefined : progressOf(record);
        if (shown === undefined) throw new ApiError("not_found", "No such request.");
        return shown;
      },
    );
  };
}

function subjectOf(body: Static<typeof Request>): Subject {
  if ("user_id" in body && "anonymous_id" in body)
    throw new ApiError("invalid_payload", "The body has either user_id or anonymous_id.");
  const subject: Subject =
    "user_id" in body ? { kind: "user", id: body.user_id } : { kind: "visitor", id: body.anonymous_id };
  const field = subject.kind === "user" ? "user_id" : "anonymous_id";
  const problem = subject.id.isWellFormed() ? idProblem(subject.id) : "is not well-formed Unicode";
  if (problem !== undefined) throw new ApiError("invalid_id", `${field} ${problem}.`, { details: { field } });
  return subject;
}

function progressOf({ spans, project_id, version, found, removed, failure, state, ...record }: ForgetRecord) {
  if (state === "accepting" || state === "void") return undefined;
  return {
    ...record,
    state,
    found: rowsOf(found),
    removed: rowsOf(removed),
    ...(failure === "" ? {} : { failure }),
  };
}

const rowsOf = (rows: Record<string, number>) => ({
  events: rows["events_v1"] ?? 0,
  dead_letters: rows["dead_letters_v1"] ?? 0,
  link_withdrawals: rows["link_withdrawals_v1"] ?? 0,
});
