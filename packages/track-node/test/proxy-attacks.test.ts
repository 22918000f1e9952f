import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { key, post, raw, type Site, sites } from "./proxy-sites.ts";
import { startUpstream, type Upstream } from "./upstream.ts";

const secret = key.replace("pk_", "sk_");
const close = "Connection: close\r\n";

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

  test("forwards the headers that the API needs, and not one more", async () => {
    await post(site, "/mm/v1/track?key=no&other=1", "{}", {
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
      await post(site, `/mm/v1/track?key=${secret}`, "{}", { authorization });
      expect(upstream.seen).toHaveLength(1);
      expect(JSON.stringify(upstream.seen[0])).not.toContain(authorization.split(" ")[1]);
      expect(upstream.seen[0]?.url).toBe("/v1/track");
    },
  );

  test.each([
    "GET /mm/v1/batch",
    "GET /mm/v1/a.0123456789abcdef.js/../../query",
    "GET /mm/v1/a.0123456789abcdef.js%2f..%2fquery",
    "GET /mm/v1/a.0123456789ABCDEF.js",
    "GET /mm/v1/a.js/",
    "POST /mm/v1/a.js",
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
    const answer = await raw(site, `${line} HTTP/1.1\r\nHost: shop.example\r\n${close}Content-Length: 0\r\n\r\n`);
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
      await raw(site, `POST /mm/v1/batch HTTP/1.1\r\nHost: shop.example\r\n${close}${head}\r\n${smuggled}`);
    expect(upstream.seen.map(({ url }) => url)).not.toContain("/v1/forget");
    expect(upstream.seen.filter(({ body }) => body !== "")).toEqual([]);
  });

  test("headers of the connection end here, whatever Connection lists", async () => {
    const hop =
      "Connection: close, Authorization, X-Evil\r\nKeep-Alive: timeout=99\r\nTE: trailers\r\nTrailer: X-Late\r\nX-Evil: 1\r\n";
    const upgrade = "Upgrade: websocket\r\nProxy-Connection: keep-alive\r\n";
    const body = "2\r\n{}\r\n0\r\nX-Late: 1\r\n\r\n";
    await raw(
      site,
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
    site = await open({ host: upstream.url, maxBodyBytes: 1000 });
    const said = await post(site, "/mm/v1/batch", "x".repeat(1001));
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
    const unsaid = await post(site, "/mm/v1/batch", endless).then(
      ({ status }) => status,
      () => "cut",
    );
    // The connection is closed with the answer: a client that goes on sending may not see it.
    expect([413, "cut"]).toContain(unsaid);
    expect(upstream.seen.every(({ body }) => body.length <= 1000)).toBe(true);
    expect(sent).toBeLessThan(5_000_000);
    expect((await post(site, "/mm/v1/batch", "x".repeat(1000))).status).toBe(202);
  });
});
