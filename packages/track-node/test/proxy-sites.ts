import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import express from "express";
import Fastify from "fastify";
import * as forExpress from "../src/express.ts";
import * as forFastify from "../src/fastify.ts";
import type { ProxyOptions } from "../src/proxy.ts";

export const key = `pk_live_abcdefgh_${"0123456789abcdef".repeat(2)}`;

export interface Site {
  url: string;
  port: number;
  close(): Promise<void>;
}

export async function listening(server: Server): Promise<Site> {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Sites with the proxy at /mm, which answer 418 to everything else. */
export const sites: Record<string, (options: ProxyOptions) => Promise<Site>> = {
  Express(options) {
    const app = express();
    app.use(forExpress.ingestProxy(options));
    app.use(express.json());
    app.use((_request, response) => void response.status(418).send("the site"));
    return listening(createServer(app));
  },
  async Fastify(options) {
    const app = Fastify();
    await app.register(forFastify.ingestProxy, options);
    app.setNotFoundHandler((_request, reply) => reply.status(418).send("the site"));
    await app.listen({ port: 0, host: "127.0.0.1" });
    return listening(app.server);
  },
  "plain Node"(options) {
    const proxy = forExpress.ingestProxy(options);
    return listening(
      createServer((request, response) => proxy(request, response, () => response.writeHead(418).end("the site"))),
    );
  },
};

/** A POST to a site. */
export const post = (site: Site, path: string, body: string | ReadableStream, headers: Record<string, string> = {}) =>
  fetch(`${site.url}${path}`, { method: "POST", body, headers, duplex: "half" } as RequestInit);

/** Bytes on the line, as no client library would send them; gives the whole answer. */
export async function raw(site: Site, text: string): Promise<string> {
  const socket = connect(site.port, "127.0.0.1");
  let answer = "";
  socket.on("data", (data) => {
    answer += data;
  });
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return answer;
}
