import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { fail } from "./answer.ts";
import { authenticate, type Credentials } from "./credentials.ts";
import type { Engine } from "./engine.ts";
import { ClickHouseException } from "./exception.ts";
import { execute, introductionOf } from "./execute.ts";
import type { Faults } from "./fault.ts";
import { play } from "./play.ts";
import { longestUrl, readRequest } from "./request.ts";

export interface ReplicaOptions extends Credentials {
  engine: Engine;
  faults: Faults;
  /** Index of this one. */
  index: number;
  /** Where statements run that name no database. */
  database: string;
  port: number;
}

/** One port that speaks ClickHouse's HTTP interface. */
export interface Replica {
  readonly port: number;
  /** Closes the port and ends every connection; statements that run go on. Opens again after `ms`, else when healed. */
  refuse(ms?: number): Promise<void>;
  /** Opens the port when it is closed, and ends the connections that hang. */
  heal(): Promise<void>;
}

// Below the ports that systems give to outgoing connections: a client that tries a closed port there again and again may
// take it itself, and even meet itself.
const lowest = 18_000;
const highest = 32_000;
const attempts = 100;

export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { engine, faults, index, database } = options;
  const serverName = `fixture-${index}`;
  const hanging = new Set<ServerResponse>();
  let port = options.port;
  let refusals = 0;

  const server = createServer({ maxHeaderSize: 4 * longestUrl, keepAliveTimeout: 10_000 }, (message, response) => {
    handle(message, response).catch(() => response.destroy());
  });

  async function listen(): Promise<void> {
    for (let left = attempts; !server.listening; left--) {
      const candidate = options.port || port || lowest + Math.floor(Math.random() * (highest - lowest));
      try {
        server.listen(candidate, "127.0.0.1");
        await once(server, "listening");
        port = candidate;
      } catch (error) {
        if (left === 0) throw error;
        await wait(20);
      }
    }
  }

  async function refuse(ms?: number): Promise<void> {
    const turn = ++refusals;
    if (server.listening) server.close();
    server.closeAllConnections();
    if (ms !== undefined) void wait(ms).then(() => (turn === refusals ? listen() : undefined));
  }

  function hang(response: ServerResponse): void {
    hanging.add(response);
    response.once("close", () => hanging.delete(response));
  }

  async function handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = message.url ?? "/";
    if (path.length > longestUrl) {
      response.writeHead(400, { connection: "close" }).end();
      return;
    }
    const url = new URL(path, "http://localhost");
    if (url.pathname === "/ping") return ping(response);
    if (url.pathname !== "/") {
      response.writeHead(404).end(`There is no handle ${url.pathname}\n`);
      return;
    }
    if (message.method === "GET" && url.search === "") {
      response.end("Ok.\n");
      return;
    }
    const stranger = { serverName, version: engine.version, queryId: url.searchParams.get("query_id") ?? "" };
    try {
      authenticate(message.headers, url.searchParams, options);
      const request = await readRequest(message, url, database);
      const introduction = introductionOf(request, engine, serverName);
      const met = faults.meet({ replica: index, kind: request.kind });
      if (met?.kind === "refuse") return await refuse(met.ms);
      if (met !== undefined)
        return await play(met, { engine, request, introduction, response, hang: () => hang(response) });
      await execute(engine, request, introduction, response);
    } catch (error) {
      if (!(error instanceof ClickHouseException) || response.headersSent) throw error;
      // The rest of a body that nobody reads.
      message.resume();
      await fail(response, { ...stranger, format: "TabSeparated", encoding: undefined }, error);
    }
  }

  async function ping(response: ServerResponse): Promise<void> {
    const met = faults.meet({ replica: index, kind: "ping" });
    if (met?.kind === "refuse") return refuse(met.ms);
    if (met?.kind === "hang") return hang(response);
    if (met?.kind === "slow") await wait(met.ms);
    else if (met !== undefined) {
      response.socket?.resetAndDestroy();
      return;
    }
    response.end("Ok.\n");
  }

  await listen();
  return {
    get port() {
      return port;
    },
    refuse,
    async heal() {
      refusals++;
      for (const response of hanging) response.destroy();
      await listen();
    },
  };
}
