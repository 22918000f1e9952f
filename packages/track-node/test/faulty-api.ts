import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

export interface Received {
  event: string;
  event_id: string;
  [field: string]: unknown;
}

/** What the next request meets. `cutAfter` stores the events and breaks the connection before it answers. */
export type Fault =
  | { status: number; headers?: Record<string, string>; body?: object }
  | "cutBefore"
  | "cutAfter"
  | "hang";

/** A server of `POST /v1/batch` that misbehaves as told, then works. */
export interface FaultyApi {
  host: string;
  /** Taken one per request; when it is empty, requests are answered as the API does. */
  faults: Fault[];
  /** Every delivery of every event, in order: an event that was sent twice is here twice. */
  deliveries: Received[];
  requests: { headers: IncomingMessage["headers"]; sentAt: string }[];
  /** Event names that are refused one by one. */
  refuse: Set<string>;
  /** Closes the connections that no request uses. */
  closeIdle(): void;
  close(): Promise<void>;
}

async function read(request: IncomingMessage): Promise<{ sent_at: string; events: Received[] }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return JSON.parse((request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body).toString());
}

export async function startFaultyApi(): Promise<FaultyApi> {
  const api: Omit<FaultyApi, "host" | "close" | "closeIdle"> = {
    faults: [],
    deliveries: [],
    requests: [],
    refuse: new Set(),
  };
  const server: Server = createServer(async (request, response) => {
    const body = await read(request).catch(() => undefined);
    // The client left before the end.
    if (body === undefined) return;
    const { sent_at, events } = body;
    api.requests.push({ headers: request.headers, sentAt: sent_at });
    const fault = api.faults.shift();
    if (fault === "hang") return;
    if (fault === "cutBefore") return void request.socket.destroy();
    if (typeof fault === "object") {
      response.writeHead(fault.status, fault.headers).end(JSON.stringify(fault.body ?? {}));
      return;
    }
    const rejected = events.flatMap(({ event, event_id }, index) =>
      api.refuse.has(event) ? [{ index, event_id, error: "invalid_payload" }] : [],
    );
    api.deliveries.push(...events.filter(({ event }) => !api.refuse.has(event)));
    if (fault === "cutAfter") return void request.socket.destroy();
    response.writeHead(202).end(JSON.stringify({ ok: true, accepted: events.length - rejected.length, rejected }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...api,
    host: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    closeIdle: () => server.closeIdleConnections(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
