import { type ErrorCode, errorCodes } from "@millimetric/contracts";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

/** A refusal with a stable code; the table of codes gives its status. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly details: unknown;
  /** Seconds. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: unknown; retryAfter?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.retryAfter = options.retryAfter;
  }
}

/** Every error becomes an answer here, and nowhere else. */
export function handleErrors(app: FastifyInstance): void {
  app.setErrorHandler(answerError);
  app.setNotFoundHandler((request, reply) => send(new ApiError("not_found", "No such route."), request, reply));
}

export function answerError(
  error: FastifyError | ApiError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const known = error instanceof ApiError ? error : translate(error);
  if (errorCodes[known.code].status >= 500) request.log.error({ err: error, request_id: request.id }, "request failed");
  return send(known, request, reply);
}

function send(error: ApiError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { retryAfter } = error;
  if (retryAfter !== undefined) reply.header("retry-after", String(Math.ceil(retryAfter)));
  return reply.status(errorCodes[error.code].status).send({
    error: error.code,
    message: error.message,
    ...(error.details === undefined ? {} : { details: error.details }),
    request_id: request.id,
    ...(retryAfter === undefined ? {} : { retry_after_s: retryAfter }),
  });
}

function translate(error: FastifyError): ApiError {
  if (error.validation !== undefined) {
    const details = error.validation.map(({ instancePath, message }) => ({ path: instancePath, message }));
    const code = error.validationContext === "body" ? "invalid_payload" : "invalid_params";
    return new ApiError(code, `The ${error.validationContext ?? "request"} is not acceptable.`, { details });
  }
  if (error.code === "FST_ERR_CTP_BODY_TOO_LARGE") return new ApiError("payload_too_large", "The body is over 4 MB.");
  if (error.code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
    return new ApiError("invalid_payload", "Send the body as application/json or text/plain.");
  if (error.statusCode === 429) return new ApiError("rate_limited", "Too many requests.");
  if (error.statusCode !== undefined && error.statusCode < 500)
    return new ApiError("invalid_payload", "The request cannot be read.");
  if (isQueryLimit(error))
    return new ApiError("upstream_unavailable", "The query hit its limits; ask for a shorter range.");
  return new ApiError("internal_error", "Something broke on our side.", { cause: error });
}

// TIMEOUT_EXCEEDED, TOO_MANY_ROWS, MEMORY_LIMIT_EXCEEDED.
const queryLimits = new Set(["159", "158", "241"]);
const isQueryLimit = (error: FastifyError) => queryLimits.has(String(error.code));
