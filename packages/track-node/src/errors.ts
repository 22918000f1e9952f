/** Every code of a {@link MillimetricError}, and what it means. Codes are stable. */
export const errorCodes = {
  invalid_options: "An option of `init` is wrong. Thrown, never reported.",
  not_initialised: "A module-level function was called before `init`.",
  invalid_event: "The event cannot be sent as it is; it was not queued.",
  unknown_field: "A field that the API does not know was left out; the event itself was queued.",
  queue_full: "The queue was full, and the oldest events were dropped.",
  unreachable: "The host could not be reached, or the connection broke.",
  timeout: "The host did not answer in time.",
  server_error: "The host answered that it cannot take events now.",
  bad_answer: "What answered is not the Millimetric API.",
  refused: "The host refused the whole request; sending it again would not help.",
  rejected: "The host took the request, but refused this event.",
  gave_up: "Sending was tried again until the retry limits were reached.",
  closed: "The client is closed, or was closed before the events could be sent.",
  aborted: "The client's `signal` was aborted before the events could be sent.",
  lost_at_exit: "The process ended before the events could be sent.",
} as const satisfies Record<string, string>;

export type MillimetricErrorCode = keyof typeof errorCodes;

/** An event that will not be sent (again). */
export interface LostEvent {
  event_id: string;
  /** The event as JSON, as it would have been sent. */
  json: string;
}

interface ErrorFields {
  /** Events that are lost by this. */
  lost?: readonly LostEvent[];
  /** Events concerned, when more than `lost` lists. */
  count?: number;
  retryable?: boolean;
  status?: number | undefined;
  details?: unknown;
  cause?: unknown;
}

/** What `onError` is given, and what `init` throws when an option is wrong. */
export class MillimetricError extends Error {
  override readonly name = "MillimetricError";
  /** What happened, as a sentence: the message without the SDK's name. */
  readonly reason: string;
  /** One of {@link errorCodes}. */
  readonly code: MillimetricErrorCode;
  /** True when the SDK goes on trying by itself and nothing is lost yet. */
  readonly retryable: boolean;
  /** Events that are lost; empty while the SDK goes on trying. */
  readonly lost: readonly LostEvent[];
  /** How many events this is about. */
  readonly count: number;
  /** HTTP status of the answer, when there was one. */
  readonly status: number | undefined;
  /** What the API said: an error answer, or the `rejected` entry of one event. */
  readonly details: unknown;

  constructor(code: MillimetricErrorCode, reason: string, fields: ErrorFields = {}) {
    super(`Millimetric: ${reason}`, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.reason = reason;
    this.code = code;
    this.retryable = fields.retryable ?? false;
    this.lost = fields.lost ?? [];
    this.count = fields.count ?? this.lost.length;
    this.status = fields.status;
    this.details = fields.details;
  }
}
