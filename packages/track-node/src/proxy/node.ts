import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import type { IngestProxy } from "./proxy.ts";

/** Path and query as the client sent them; Express cuts its mount path from `url`. */
export const addressOf = (request: IncomingMessage & { originalUrl?: string }) =>
  request.originalUrl ?? request.url ?? "";

/** Lets the proxy answer a request of Node's server. */
export async function answerNode(
  proxy: IngestProxy,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  clientAddress: string | undefined,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  const answer = await proxy.handle(toRequest(incoming, gone.signal), clientAddress);
  outgoing.statusCode = answer.status;
  for (const [name, value] of answer.headers) outgoing.setHeader(name, value);
  // The rest of a body is read, so that a client who is still sending sees the answer; but not of one that is too large.
  if (answer.status === 413) outgoing.setHeader("connection", "close");
  else incoming.resume();
  if (answer.body === null) return void outgoing.end();
  // A client that leaves is none of our errors.
  await pipeline(Readable.fromWeb(answer.body as NodeReadableStream), outgoing).catch(() => outgoing.destroy());
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const { method = "GET" } = incoming;
  const address = addressOf(incoming);
  // Only the path is read of the address; an absolute one, or a host in it, leads nowhere.
  const url = new URL(address.startsWith("/") ? `http://site.invalid${address}` : "http://site.invalid");
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (typeof value === "string" && !name.startsWith(":")) headers.set(name, value);
  }
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(url, {
    method: /^(CONNECT|TRACE|TRACK)$/i.test(method) ? "OPTIONS" : method,
    headers,
    signal,
    ...(hasBody ? { body: bodyOf(incoming), duplex: "half" } : {}),
  } as RequestInit);
}

/**
 * The body, read as it is asked for. `Readable.toWeb` would throw where nobody can catch it when data comes after the reader has left,
 * and the stream's own iterator would close the connection before the answer.
 */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const chunks = incoming.iterator({ destroyOnReturn: false });
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value as Uint8Array);
    },
    cancel() {
      chunks.return?.().catch(() => {});
    },
  });
}
