import type { BatchAccepted, ErrorAnswer, RejectedEvent } from "@millimetric/contracts";
import { MillimetricError } from "./errors.ts";
import type { FetchAnswer } from "./options.ts";
import { isRetryable, retryAfterMs } from "./retry.ts";

/** What became of one request. */
export type Outcome =
  | { kind: "accepted"; rejected: readonly RejectedEvent[] }
  | { kind: "retry"; error: MillimetricError; retryAfterMs: number | undefined }
  | { kind: "refused" | "too_large"; error: MillimetricError; rejected: readonly RejectedEvent[] };

type Parsed = Partial<BatchAccepted & ErrorAnswer>;

function parse(body: string): Parsed | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Parsed) : undefined;
  } catch {
    return undefined;
  }
}

/** Entries of `rejected` that say which event they mean, wherever the answer has them. */
function rejectedIn(parsed: Parsed | undefined): RejectedEvent[] {
  const details = parsed?.details as { rejected?: unknown } | undefined;
  const list: unknown = parsed?.rejected ?? details?.rejected;
  if (!Array.isArray(list)) return [];
  return list.filter((entry): entry is RejectedEvent => Number.isInteger(entry?.index));
}

function waitAsked(answer: FetchAnswer, parsed: Parsed | undefined, nowMs: number): number | undefined {
  const seconds = parsed?.retry_after_s;
  return (
    retryAfterMs(answer.headers.get("retry-after"), nowMs) ??
    (typeof seconds === "number" ? retryAfterMs(String(seconds), nowMs) : undefined)
  );
}

/** Reads an answer to `POST /v1/batch`. `host` is named in messages. */
export function readAnswer(answer: FetchAnswer, body: string, host: string, nowMs: number): Outcome {
  const { status } = answer;
  const parsed = parse(body);
  const fields = { status, details: parsed };
  if (status >= 200 && status <= 299) {
    if (parsed?.ok === true) return { kind: "accepted", rejected: rejectedIn(parsed) };
    const message = `${host} answered ${status}, but not as the Millimetric API does; is the host right?`;
    const error = new MillimetricError("bad_answer", message, { ...fields, retryable: true });
    return { kind: "retry", error, retryAfterMs: undefined };
  }
  const said = typeof parsed?.error === "string" ? ` (${parsed.error}: ${parsed.message ?? ""})` : "";
  if (isRetryable(status)) {
    const error = new MillimetricError("server_error", `${host} answered ${status}${said}.`, {
      ...fields,
      retryable: true,
    });
    return { kind: "retry", error, retryAfterMs: waitAsked(answer, parsed, nowMs) };
  }
  const where = status >= 300 && status <= 399 ? ` and points to ${answer.headers.get("location") ?? "?"}` : said;
  const error = new MillimetricError("refused", `${host} answered ${status}${where}.`, fields);
  return { kind: status === 413 ? "too_large" : "refused", error, rejected: rejectedIn(parsed) };
}
