import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import express from "express";
import Fastify from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as forExpress from "../src/express.ts";
import * as forFastify from "../src/fastify.ts";
import { createIngestProxy, type ProxyOptions } from "../src/proxy.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

const key = `pk_live_abcdefgh_${"0123456789abcdef".repeat(2)}`;
const secret = key.replace("pk_", "sk_");

interface Site {
  url: string;
  port: number;
  close(): Promise<void>;
}

async function listening(server: Server): Promise<Site> {
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

const sites: Record<string, (options: ProxyOptions) => Promise<Site>> = {
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

describe.each(Object.entries(sites))("%s", (_, open) => {
  let upstream: Upstream;
  let site: Site;
  const start = async (options: Partial<ProxyOptions> = {}) => {
    site = await open({ host: upstream.url, ...options });
  };
  beforeEach(async () => {
    upstream = await startUpstream();
    await start();
  });
  afterEach(async () => {
    await site.close();
    await upstream.close();
  });

  const post = (path: string, body: string | ReadableStream, headers: Record<string, string> = {}) =>
    fetch(`${site.url}${path}`, { method: "POST", body, headers, duplex: "half" } as RequestInit);

  /** Bytes on the line, as no client library would send them; gives the whole answer. */
  async function raw(text: string): Promise<string> {
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
  const close = "Connection: close\r\n";

  test("passes events on, and the answer back", async () => {
    upstream.answer = {
      status: 429,
      headers: { "content-type": "application/json", "retry-after": "7" },
      body: '{"a":1}',
    };
    const answer = await post(`/mm/v1/batch?key=${key}`, '{"events":[]}', { "content-type": "text/plain" });
    expect([answer.status, answer.headers.get("retry-after"), await answer.text()]).toEqual([429, "7", '{"a":1}']);
    expect(upstream.seen).toMatchObject([{ method: "POST", url: `/v1/batch?key=${key}`, body: '{"events":[]}' }]);
  });

  test("gives the script, and knows when the browser has it", async () => {
    upstream.answer = { status: 304, headers: { etag: '"1"', "cache-control": "max-age=60" }, body: "" };
    const answer = await fetch(`${site.url}/mm/v1/a.js`, { headers: { "if-none-match": '"1"' } });
    expect([answer.status, answer.headers.get("etag")]).toEqual([304, '"1"']);
    expect(upstream.seen[0]?.headers["if-none-match"]).toBe('"1"');
  });

  test("forwards the headers that the API needs, and not one more", async () => {
    await post("/mm/v1/track?key=no&other=1", "{}", {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      origin: "https://shop.example",
      "user-agent": "Mozilla/5.0",
      cookie: "session=secret; aid=u",
      "x-forwarded-for": "6.6.6.6",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
      forwarded: "for=6.6.6.6",
      "x-real-ip": "6.6.6.6",
      "cf-ipcountry": "XX",
      "proxy-authorization": "Basic x",
      "x-custom": "1",
      referer: "https://shop.example/private?token=1",
      "accept-language": "de",
    });
    const [seen] = upstream.seen;
    const names = Object.keys(seen?.headers ?? {}).sort();
    const ours = ["authorization", "content-type", "origin", "user-agent", "x-forwarded-for"];
    // Of the connection between the two servers.
    const connection = [
      "accept",
      "accept-encoding",
      "accept-language",
      "connection",
      "host",
      "sec-fetch-mode",
      "transfer-encoding",
    ];
    expect(names).toEqual([...ours, ...connection].sort());
    expect(seen?.headers).toMatchObject({
      "x-forwarded-for": "127.0.0.1",
      "accept-language": "*",
      origin: "https://shop.example",
    });
    expect(seen?.url).toBe("/v1/track");
  });

  test.each([`Bearer ${secret}`, "Bearer eyJhbGciOi.session.of-the-site", "Basic dXNlcjpwYXNz", `Bearer ${key}x y`])(
    "an Authorization that is no pk key stays here: %s",
    async (authorization) => {
      await post(`/mm/v1/track?key=${secret}`, "{}", { authorization });
      expect(upstream.seen).toHaveLength(1);
      expect(JSON.stringify(upstream.seen[0])).not.toContain(authorization.split(" ")[1]);
      expect(upstream.seen[0]?.url).toBe("/v1/track");
    },
  );

  test.each([
    "GET /mm/v1/batch",
    "PUT /mm/v1/batch",
    "POST /mm/v1/forget",
    "POST /mm/admin/v1/projects",
    "GET /mm/v1/query",
    "GET /mm/metrics",
    "POST /mm/v1/batch/",
    "POST /mm//v1/batch",
    "POST /mm/v1/../admin/v1/projects",
    "POST /mm/v1/%2e%2e/admin/v1/projects",
    "POST /mm/v1/batch%2f..%2fforget",
    "POST /mm/v1/batch;/../forget",
    "POST /mm/v1/batch%00",
    "POST /mm/v1/batch%0d%0aX-A:1",
    "POST /mm/@evil.example/v1/batch",
    "POST /mm/http://evil.example/v1/batch",
    "POST /mm/../v1/batch",
    "POST /mm\\..\\v1\\batch",
    "POST //evil.example/mm/v1/batch",
    "POST http://evil.example/mm/v1/batch",
    "POST http://169.254.169.254/latest/meta-data",
    "OPTIONS /mm/v1/batch",
    "TRACE /mm/v1/batch",
  ])("%s leads nowhere", async (line) => {
    const answer = await raw(`${line} HTTP/1.1\r\nHost: shop.example\r\n${close}Content-Length: 0\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 (400|404|405|418) /);
    expect(upstream.seen).toEqual([]);
  });

  test("what says its length twice, or in two ways, reaches nobody", async () => {
    const smuggled = "0\r\n\r\nPOST /v1/forget HTTP/1.1\r\nHost: x\r\n\r\n";
    const heads = [
      "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
      "Content-Length: 4\r\nContent-Length: 40\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
      "Transfer-Encoding : chunked\r\n",
      "Transfer-Encoding: xchunked\r\n",
    ];
    for (const head of heads)
      await raw(`POST /mm/v1/batch HTTP/1.1\r\nHost: shop.example\r\n${close}${head}\r\n${smuggled}`);
    expect(upstream.seen.map(({ url }) => url)).not.toContain("/v1/forget");
    expect(upstream.seen.filter(({ body }) => body !== "")).toEqual([]);
  });

  test("headers of the connection end here, whatever Connection lists", async () => {
    const hop =
      "Connection: close, Authorization, X-Evil\r\nKeep-Alive: timeout=99\r\nTE: trailers\r\nTrailer: X-Late\r\nX-Evil: 1\r\n";
    const upgrade = "Upgrade: websocket\r\nProxy-Connection: keep-alive\r\n";
    const body = "2\r\n{}\r\n0\r\nX-Late: 1\r\n\r\n";
    await raw(
      `POST /mm/v1/track HTTP/1.1\r\nHost: shop.example\r\n${hop}${upgrade}Authorization: Bearer ${key}\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
    );
    for (const { headers } of upstream.seen) {
      expect(headers["authorization"]).toBe(`Bearer ${key}`);
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(["x-evil"]));
      for (const name of ["te", "trailer", "upgrade", "proxy-connection", "x-late", "x-evil", "keep-alive"])
        expect(headers[name]).toBeUndefined();
    }
  });

  test("a body over the limit is answered 413: at once when it says so, else as soon as it is", async () => {
    await site.close();
    await start({ maxBodyBytes: 1000 });
    const said = await post("/mm/v1/batch", "x".repeat(1001));
    expect([said.status, ((await said.json()) as { error: string }).error]).toEqual([413, "payload_too_large"]);
    expect(upstream.seen).toEqual([]);
    let sent = 0;
    const endless = new ReadableStream({
      async pull(controller) {
        await new Promise(setImmediate);
        sent += 500;
        controller.enqueue(new TextEncoder().encode("x".repeat(500)));
      },
    });
    const unsaid = await post("/mm/v1/batch", endless).then(
      ({ status }) => status,
      () => "cut",
    );
    // The connection is closed with the answer: a client that goes on sending may not see it.
    expect([413, "cut"]).toContain(unsaid);
    expect(upstream.seen.every(({ body }) => body.length <= 1000)).toBe(true);
    expect(sent).toBeLessThan(5_000_000);
    expect((await post("/mm/v1/batch", "x".repeat(1000))).status).toBe(202);
  });

  test("a body is passed on as it comes", async () => {
    let finish = () => {};
    const slow = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("first"));
        finish = () => {
          controller.enqueue(new TextEncoder().encode("second"));
          controller.close();
        };
      },
    });
    const answer = post("/mm/v1/batch", slow);
    await expect.poll(() => upstream.seen[0]?.body).toBe("first");
    finish();
    expect((await answer).status).toBe(202);
    expect(upstream.seen[0]?.body).toBe("firstsecond");
  });

  test("an answer that comes before the body is through reaches the browser", async () => {
    upstream.hasty = true;
    upstream.answer = { status: 503, headers: { "retry-after": "2" }, body: "{}" };
    const answer = await post("/mm/v1/batch", "x".repeat(3_000_000));
    expect(answer.status).toBe(503);
  });

  test("an API that is away, is slow, or redirects, is a 503 to try again after", async () => {
    upstream.answer = { status: 302, headers: { location: "http://169.254.169.254/" }, body: "" };
    const redirected = await post("/mm/v1/batch", "{}");
    expect([redirected.status, redirected.headers.get("location")]).toEqual([503, null]);
    await upstream.close();
    const away = await post("/mm/v1/batch", "{}");
    expect([away.status, away.headers.get("retry-after")]).toEqual([503, "5"]);
    expect(await away.json()).toMatchObject({ error: "upstream_unavailable", request_id: expect.any(String) });
  });

  test("cookies and other headers of the API's answer end here", async () => {
    upstream.answer.headers = {
      "content-type": "application/json",
      "set-cookie": "a=1",
      "x-powered-by": "x",
      server: "y",
    };
    const { headers } = await post("/mm/v1/track", "{}");
    for (const name of ["set-cookie", "server"]) expect(headers.get(name)).toBeNull();
    expect(headers.get("content-type")).toBe("application/json");
  });

  test("the rest of the site is the site's", async () => {
    for (const path of ["/", "/mmm/v1/batch", "/mm", "/other"])
      expect((await fetch(`${site.url}${path}`)).status).toBe(418);
  });

  test("the visitor's address may come from elsewhere, if it is one", async () => {
    await site.close();
    await start({ clientAddress: (request) => request.headers.get("x-real-ip") ?? undefined });
    await post("/mm/v1/track", "{}", { "x-real-ip": "2001:db8::1" });
    await post("/mm/v1/track", "{}", { "x-real-ip": "1.2.3.4, evil" });
    expect(upstream.seen.map(({ headers }) => headers["x-forwarded-for"])).toEqual(["2001:db8::1", undefined]);
  });
});

test("Express: a body parser before the proxy is told, and not waited for", async () => {
  const app = express();
  app.use(express.json());
  app.use(forExpress.ingestProxy({ host: "http://127.0.0.1:1" }));
  const messages: string[] = [];
  app.use((error: Error, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    messages.push(error.message);
    response.status(500).end();
  });
  const site = await listening(createServer(app));
  await fetch(`${site.url}/mm/v1/batch`, {
    method: "POST",
    body: "{}",
    headers: { "content-type": "application/json" },
  });
  expect(messages).toEqual([expect.stringContaining("before middleware that reads bodies")]);
  await site.close();
});

test("a plain Request: streams through, times out, and follows the request's own signal", async () => {
  const upstream = await startUpstream();
  const proxy = createIngestProxy({ host: `${upstream.url}/base/`, path: "/a/b" });
  const request = (init: RequestInit = {}) =>
    new Request("https://shop.example/a/b/v1/track", { method: "POST", body: "{}", ...init });
  expect((await proxy.handle(request())).status).toBe(202);
  expect(upstream.seen[0]).toMatchObject({ url: "/base/v1/track", body: "{}" });
  expect(upstream.seen[0]?.headers["x-forwarded-for"]).toBeUndefined();
  const hangs = (_url: string, { signal }: RequestInit) =>
    new Promise<Response>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  const slow = createIngestProxy({ host: upstream.url, path: "/a/b", timeoutMs: 20, fetch: hangs });
  expect((await slow.handle(request())).status).toBe(503);
  const cut = new AbortController();
  const patient = createIngestProxy({ host: upstream.url, path: "/a/b", fetch: hangs });
  const answer = patient.handle(request({ signal: cut.signal }));
  cut.abort();
  expect((await answer).status).toBe(503);
  await upstream.close();
});

test.each([
  [{}, "no host. Pass { host }"],
  [{ host: "ftp://x" }, "host must be"],
  [{ host: "https://user:pass@x.example" }, "host must be"],
  [{ host: "https://x.example/?a" }, "host must be"],
  [{ host: "https://x.example", path: "mm" }, "path must look like"],
  [{ host: "https://x.example", path: "/mm/" }, "path must look like"],
  [{ host: "https://x.example", path: "/../mm" }, "path must look like"],
  [{ host: "https://x.example", path: "/:id" }, "path must look like"],
])("refuses %j", (options, message) => {
  expect(() => createIngestProxy(options)).toThrow(message);
});
