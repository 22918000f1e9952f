import { createServer } from "node:http";
import express from "express";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ingestProxy } from "../src/express.ts";
import { createIngestProxy } from "../src/proxy.ts";
import { key, listening, post, type Site, sites } from "./proxy-sites.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

describe.each(Object.entries(sites))("%s", (_, open) => {
  let upstream: Upstream;
  let site: Site;
  beforeEach(async () => {
    upstream = await startUpstream();
    site = await open({ host: upstream.url });
  });
  afterEach(async () => {
    await site.close();
    await upstream.close();
  });

  test("passes events on, and the answer back", async () => {
    upstream.answer = {
      status: 429,
      headers: { "content-type": "application/json", "retry-after": "7" },
      body: '{"a":1}',
    };
    const answer = await post(site, `/mm/v1/batch?key=${key}`, '{"events":[]}', { "content-type": "text/plain" });
    expect([answer.status, answer.headers.get("retry-after"), await answer.text()]).toEqual([429, "7", '{"a":1}']);
    expect(upstream.seen).toMatchObject([{ method: "POST", url: `/v1/batch?key=${key}`, body: '{"events":[]}' }]);
  });

  test.each(["/v1/a.js", "/v1/a.0123456789abcdef.js"])("gives %s, and knows when the browser has it", async (path) => {
    upstream.answer = { status: 304, headers: { etag: '"1"', "cache-control": "max-age=60" }, body: "" };
    const answer = await fetch(`${site.url}/mm${path}`, { headers: { "if-none-match": '"1"' } });
    expect(upstream.seen[0]?.url).toBe(path);
    expect([answer.status, answer.headers.get("etag")]).toEqual([304, '"1"']);
    expect(upstream.seen[0]?.headers["if-none-match"]).toBe('"1"');
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
    const answer = post(site, "/mm/v1/batch", slow);
    await expect.poll(() => upstream.seen[0]?.body, { timeout: 60_000 }).toBe("first");
    finish();
    expect((await answer).status).toBe(202);
    expect(upstream.seen[0]?.body).toBe("firstsecond");
  });

  test("an answer that comes before the body is through reaches the browser", async () => {
    upstream.hasty = true;
    upstream.answer = { status: 503, headers: { "retry-after": "2" }, body: "{}" };
    const answer = await post(site, "/mm/v1/batch", "x".repeat(3_000_000));
    expect(answer.status).toBe(503);
  });

  test("an API that is away, is slow, or redirects, is a 503 to try again after", async () => {
    upstream.answer = { status: 302, headers: { location: "http://169.254.169.254/" }, body: "" };
    const redirected = await post(site, "/mm/v1/batch", "{}");
    expect([redirected.status, redirected.headers.get("location")]).toEqual([503, null]);
    await upstream.close();
    const away = await post(site, "/mm/v1/batch", "{}");
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
    const { headers } = await post(site, "/mm/v1/track", "{}");
    for (const name of ["set-cookie", "server"]) expect(headers.get(name)).toBeNull();
    expect(headers.get("content-type")).toBe("application/json");
  });

  test("the rest of the site is the site's", async () => {
    for (const path of ["/", "/mmm/v1/batch", "/mm", "/other"])
      expect((await fetch(`${site.url}${path}`)).status).toBe(418);
  });

  test("the visitor's address may come from elsewhere, if it is one", async () => {
    await site.close();
    site = await open({
      host: upstream.url,
      clientAddress: (request) => request.headers.get("x-real-ip") ?? undefined,
    });
    await post(site, "/mm/v1/track", "{}", { "x-real-ip": "2001:db8::1" });
    await post(site, "/mm/v1/track", "{}", { "x-real-ip": "1.2.3.4, evil" });
    expect(upstream.seen.map(({ headers }) => headers["x-forwarded-for"])).toEqual(["2001:db8::1", undefined]);
  });
});

test("Express: a body parser before the proxy is told, and not waited for", async () => {
  const app = express();
  app.use(express.json());
  app.use(ingestProxy({ host: "http://127.0.0.1:1" }));
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
