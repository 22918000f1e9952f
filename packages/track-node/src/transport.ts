import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type Outcome, readAnswer } from "./answer.ts";
import { MillimetricError } from "./errors.ts";
import type { Settings } from "./options.ts";
import type { Queued } from "./queue.ts";

const compress = promisify(gzip);

/** The lowest level: events resemble each other so much that higher ones cost time and save little. */
const gzipLevel = 1;

/** Body of `POST /v1/batch`. `sent_at` is the clock at this very try, by which the API corrects a wrong client clock. */
export function batchBody(batch: readonly Queued[], nowMs: number): string {
  return `{"sent_at":"${new Date(nowMs).toISOString()}","events":[${batch.map((item) => item.json).join(",")}]}`;
}

function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const inner = cause.cause instanceof Error ? cause.cause : cause;
  const code: unknown = (inner as { code?: unknown }).code;
  return typeof code === "string" ? code : inner.message;
}

/** Sends batches, one try each; knows nothing of queues and retries. */
export class Transport {
  readonly #settings: Settings;
  /** Cuts the running request, if there is one. */
  #cut: AbortController | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** Never rejects: what goes wrong is an outcome. */
  async send(batch: readonly Queued[]): Promise<Outcome> {
    const { host, requestTimeoutMs } = this.#settings;
    const cut = new AbortController();
    this.#cut = cut;
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      cut.abort();
    }, requestTimeoutMs);
    try {
      return await this.#request(batch, cut.signal);
    } catch (cause) {
      const error = timedOut
        ? new MillimetricError("timeout", `${host} did not answer within ${requestTimeoutMs} ms.`, { retryable: true })
        : new MillimetricError("unreachable", `${host} cannot be reached (${causeText(cause)}).`, {
            retryable: true,
            cause,
          });
      return { kind: "retry", error, retryAfterMs: undefined };
    } finally {
      clearTimeout(timer);
      this.#cut = undefined;
    }
  }

  /** Ends the running request at once. */
  abort(): void {
    this.#cut?.abort();
  }

  async #request(batch: readonly Queued[], signal: AbortSignal): Promise<Outcome> {
    const { host, key, fetch, gzipAtBytes } = this.#settings;
    const headers: Record<string, string> = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    let body: string | Uint8Array<ArrayBuffer> = batchBody(batch, Date.now());
    if (body.length >= gzipAtBytes) {
      headers["content-encoding"] = "gzip";
      body = await compress(body, { level: gzipLevel });
    }
    const answer = await fetch(`${host}/v1/batch`, { method: "POST", headers, body, redirect: "manual", signal });
    return readAnswer(answer, await answer.text(), host, Date.now());
  }
}
