import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a request meets on its way. `cutAfter`: it arrives, but the answer is lost. */
export type ProxyFault = 429 | 503 | "cutBefore" | "cutAfter" | "none";

/** Stands between a client and an API that may come and go, as a load balancer does. */
export interface FaultyProxy {
  url: string;
  /** Taken one per request; when it is empty, requests pass. */
  faults: ProxyFault[];
  /** Statuses of POST requests in their order; 0 for a cut connection. */
  statuses: number[];
  /** What came, in its order: requests of every method. */
  requests: ProxiedRequest[];
  close(): Promise<void>;
}

export interface ProxiedRequest {
  method: string;
  contentType: string | undefined;
  body: string;
  /** Epoch milliseconds. */
  at: number;
}

export async function startFaultyProxy(target: () => string): Promise<FaultyProxy> {
  const faults: ProxyFault[] = [];
  const statuses: number[] = [];
  const requests: ProxiedRequest[] = [];

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method = "", headers: sent } = incoming;
    requests.push({
      method,
      contentType: sent["content-type"],
      body: Buffer.concat(chunks).toString(),
      at: Date.now(),
    });
    // Only events meet faults, and not what a browser asks before it sends some.
    const fault = incoming.method === "POST" ? faults.shift() : "none";
    if (typeof fault === "number") return void answer(outgoing, fault, { "retry-after": "1", ...readable }, "{}");
    if (fault === "cutBefore") return void cut(incoming);
    const { status, headers, body } = await forward(incoming, Buffer.concat(chunks), target());
    if (fault === "cutAfter") return void cut(incoming);
    if (incoming.method !== "POST") return void outgoing.writeHead(status, headers).end(body);
    answer(outgoing, status, headers, body);
  }

  function answer(outgoing: ServerResponse, status: number, headers: Record<string, string>, body: string): void {
    statuses.push(status);
    outgoing.writeHead(status, headers).end(body);
  }

  function cut({ socket }: IncomingMessage): void {
    statuses.push(0);
    socket.destroy();
  }

  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    statuses,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Lets scripts of any origin see an answer. */
const readable = { "access-control-allow-origin": "*", "access-control-expose-headers": "retry-after" };

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Of the way to the API, not of the answer. */
const connectionHeaders = new Set(["connection", "keep-alive", "transfer-encoding", "content-length"]);

/** The answer of the API; 502 when it is not there. */
function forward({ method, url, headers }: IncomingMessage, body: Buffer, target: string) {
  return new Promise<Answer>((resolve) => {
    const failed = () => resolve({ status: 502, headers: readable, body: "{}" });
    const onward = request(`${target}${url}`, { method, headers, agent: false }, async (answer) => {
      try {
        let text = "";
        for await (const chunk of answer) text += chunk;
        const kept = Object.entries(answer.headers).filter(([name]) => !connectionHeaders.has(name));
        const answered = Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
        resolve({ status: answer.statusCode ?? 502, headers: answered, body: text });
      } catch {
        failed();
      }
    });
    onward.on("error", failed);
    onward.end(body);
  });
}
