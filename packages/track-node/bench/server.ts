import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { createFaults } from "./faults.ts";

/** What arrived of the events that a contestant was given, numbered from 0. */
export interface Arrivals {
  requests: number;
  /** Events stored, repeats included. */
  stored: number;
  /** Ids under which each event was stored: more than one, and even a server that knows ids counts it twice. */
  ids: Map<number, Set<string>>;
}

/** Milliseconds on the network and in the server. */
const answerAfter = 5;

/** A server of every contestant's batch call, with the same faults for each. */
export async function startServer(faulty: boolean) {
  const arrivals: Arrivals = { requests: 0, stored: 0, ids: new Map() };
  const faultAt = createFaults(42);
  let first: number | undefined;

  function store(events: readonly Sent[]): void {
    for (const { properties, event_id, messageId, uuid } of events) {
      const ids = arrivals.ids.get(properties.n) ?? new Set();
      arrivals.ids.set(properties.n, ids.add(event_id ?? messageId ?? uuid ?? ""));
      arrivals.stored++;
    }
  }

  const server = createServer(async (request, response) => {
    const events = await read(request);
    const now = performance.now();
    first ??= now;
    arrivals.requests++;
    const fault = faulty ? faultAt((now - first) / 1000) : "none";
    await new Promise((resolve) => setTimeout(resolve, answerAfter));
    const answer = (status: number, body: object, headers = {}) =>
      void response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
    if (fault === "unavailable") return answer(503, {});
    if (fault === "rateLimited") return answer(429, {}, { "retry-after": "1" });
    if (fault === "cutBefore") return void request.socket.destroy();
    store(events);
    if (fault === "cutAfter") return void request.socket.destroy();
    return answer(200, { ok: true, success: true, status: "Ok", accepted: events.length, rejected: [] });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrivals,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Sent {
  properties: { n: number };
  event_id?: string;
  messageId?: string;
  uuid?: string;
}

async function read(request: IncomingMessage): Promise<Sent[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  // Some clients name the encoding in the address instead.
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  const body = JSON.parse((isGzip ? gunzipSync(bytes) : bytes).toString());
  return body.events ?? body.batch;
}
