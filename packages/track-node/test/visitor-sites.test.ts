import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import Fastify from "fastify";
import { afterEach, describe, expect, test } from "vitest";
import * as forExpress from "../src/express.ts";
import * as forFastify from "../src/fastify.ts";
import { visitorOf } from "../src/visitor.ts";

/** Sites that set a cookie of their own and answer with the visitor's id. */
const sites: Record<string, () => Promise<Server>> = {
  async Express() {
    const app = express();
    app.use(forExpress.visitor());
    app.use((request, response) => void response.cookie("session", "s").json({ id: request.anonymousId ?? null }));
    return createServer(app);
  },
  async Fastify() {
    const app = Fastify({ trustProxy: true });
    await app.register(forFastify.visitor, {});
    app.all("*", async (request, reply) => {
      reply.header("set-cookie", "session=s; Path=/");
      return { id: request.anonymousId ?? null };
    });
    await app.ready();
    return app.server;
  },
  async "plain Node"() {
    const visitor = forExpress.visitor();
    return createServer((request: IncomingMessage & { anonymousId?: string }, response) =>
      visitor(request, response, () => {
        response.appendHeader("set-cookie", "session=s; Path=/");
        response.end(JSON.stringify({ id: request.anonymousId ?? null }));
      }),
    );
  },
  async "Request and Response"() {
    return createServer(async (incoming, outgoing) => {
      const headers = new Headers(
        Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, `${value}`]),
      );
      const request = new Request(`http://${incoming.headers.host}${incoming.url}`, { headers });
      const visitor = visitorOf(request);
      const own = Response.json(
        { id: visitor.anonymousId ?? null },
        { headers: { "set-cookie": "session=s; Path=/" } },
      );
      const answer = visitor.applyTo(own);
      outgoing.setHeaders(new Headers([...answer.headers].filter(([name]) => name !== "set-cookie")));
      outgoing.setHeader("set-cookie", answer.headers.getSetCookie());
      outgoing.end(await answer.text());
    });
  },
};

describe.each(Object.entries(sites))("%s", (_, start) => {
  let server: Server | undefined;
  afterEach(() => server?.close());

  async function visit(headers: Record<string, string>) {
    const started = await start();
    server = started;
    await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
    const { port } = started.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers });
    const cookies = answer.headers.getSetCookie();
    return {
      id: ((await answer.json()) as { id: string | null }).id,
      aid: cookies.filter((cookie) => cookie.startsWith("aid=")),
      others: cookies.filter((cookie) => !cookie.startsWith("aid=")),
      cache: answer.headers.get("cache-control"),
    };
  }

  test("gives a new visitor an id, tells it the handler, and leaves the site's own cookies", async () => {
    const { id, aid, others, cache } = await visit({ accept: "text/html", "x-forwarded-proto": "https" });
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    expect(aid).toEqual([`aid=${id}; Path=/; Max-Age=34560000; SameSite=Lax; Secure`]);
    expect(others).toEqual(["session=s; Path=/"]);
    expect(cache).toBe("private");
  });

  test("renews a known visitor's cookie with a page, and with nothing else", async () => {
    const cookie = "aid=u_abc; session=s";
    expect(await visit({ accept: "text/html", cookie })).toMatchObject({
      id: "u_abc",
      aid: ["aid=u_abc; Path=/; Max-Age=34560000; SameSite=Lax"],
    });
    server?.close();
    expect(await visit({ accept: "application/json", cookie })).toMatchObject({ id: "u_abc", aid: [], cache: null });
  });

  test("leaves visitors alone who object", async () => {
    expect(await visit({ accept: "text/html", "sec-gpc": "1" })).toMatchObject({ id: null, aid: [], cache: null });
    server?.close();
    expect(await visit({ accept: "text/html", dnt: "1", cookie: "aid=u" })).toMatchObject({ id: null, aid: [] });
  });
});

test("a wrong option is told when the site starts, not when a visitor comes", async () => {
  expect(() => forExpress.visitor({ domain: ".example.com" })).toThrow("domain must be");
  const app = Fastify();
  await expect(app.register(forFastify.visitor, { maxAgeSeconds: 0 })).rejects.toThrow("maxAgeSeconds must be");
});
