import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Seen {
  method: string;
  url: string;
  /** As they were on the line, in pairs. */
  rawHeaders: string[];
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** What the API's place is taken by: keeps every request, and answers as told. */
export interface Upstream {
  url: string;
  seen: Seen[];
  answer: { status: number; headers: Record<string, string>; body: string };
  /** Answers before the body has come. */
  hasty: boolean;
  close(): Promise<void>;
}

export async function startUpstream(): Promise<Upstream> {
  const upstream = {
    seen: [] as Seen[],
    answer: { status: 202, headers: { "content-type": "application/json" }, body: '{"ok":true}' },
    hasty: false,
  };
  const server = createServer(async (request, response) => {
    const { method = "", url = "", rawHeaders, headers } = request;
    const { status, headers: answerHeaders, body: text } = upstream.answer;
    const seen = { method, url, rawHeaders, headers, body: "" };
    upstream.seen.push(seen);
    if (upstream.hasty) return void response.writeHead(status, answerHeaders).end(text);
    try {
      for await (const chunk of request) seen.body += chunk;
    } catch {
      return;
    }
    response.writeHead(status, answerHeaders).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(upstream, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
