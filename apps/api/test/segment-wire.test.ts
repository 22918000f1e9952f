import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform } from "./platform.ts";
import { basic, call, rowsOf } from "./segment-wire.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

test("a batch counts each messageId once, names what it refuses, and shares its context", async () => {
  const project = await platform.project();
  const context = { ip: "203.0.113.7" };
  const good = { type: "track", messageId: "m-1", userId: "u", event: "e", context };
  const batch = [good, { ...good, event: "again" }, { ...good, messageId: "m-2", userId: {} }, 7];
  batch.push({ ...good, messageId: "m-3", type: "merge" }, {
    type: "track",
    messageId: "m-4",
    event: "e",
    context,
  } as never);
  batch.push({ type: "identify", messageId: "m-5", userId: "undefined" } as never);
  const sent = { batch, context: { locale: "fr" }, sentAt: new Date().toISOString() };
  const { status, body } = await call(platform, project, "batch", sent);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    success: true,
    accepted: 2,
    rejected: [
      { index: 2, error: "invalid_payload" },
      { index: 3, error: "invalid_payload" },
      { index: 4, error: "invalid_payload" },
      { index: 5, event_id: "m-4", error: "missing_identity" },
      { index: 6, event_id: "m-5", error: "invalid_id" },
    ],
  });
  await call(platform, project, "batch", sent);
  expect(await rowsOf(platform, project)).toMatchObject([
    { event_id: "m-1", event_name: "e", context: { locale: "fr" } },
  ]);
  const letters = await platform.ask("GET", "/v1/dead-letters", { key: project.keys.sk });
  expect(letters.body.rows).toHaveLength(10);
  expect(JSON.stringify(letters.body)).not.toContain("203.0.113.7");
});

test("a batch of nothing but bad messages, and a body that is no batch, are refused", async () => {
  const project = await platform.project();
  for (const body of [{ batch: [{ type: "track", event: "e" }] }, { batch: [] }, { batch: 1 }, { events: [] }]) {
    const { status, body: answer } = await call(platform, project, "batch", body);
    expect([status, answer.error]).toEqual([400, "invalid_payload"]);
  }
  expect((await call(platform, project, "track", { event: "e" })).body.error).toBe("missing_identity");
  expect((await call(platform, project, "track", { userId: "u" })).body.error).toBe("invalid_payload");
  expect(await rowsOf(platform, project)).toEqual([]);
});

test("the key may be Basic's user name, a bearer token or the body's writeKey; pk keys need their origin", async () => {
  const origin = "https://shop.example";
  const { keys } = await platform.project("keys", [origin]);
  const send = (headers: Record<string, string>, more: object = {}) =>
    platform.ask("POST", "/segment/v1/t", { headers, body: { event: "e", anonymousId: "a", ...more } });
  expect((await send(basic(keys.sk))).status).toBe(200);
  expect((await send({ authorization: `Bearer ${keys.sk}` })).status).toBe(200);
  expect((await send({ origin, "content-type": "text/plain" }, { writeKey: keys.pk })).status).toBe(200);
  expect((await send({ origin, ...basic(keys.pk) })).status).toBe(200);
  expect((await send({})).body.error).toBe("missing_bearer_token");
  expect((await send(basic(""))).body.error).toBe("missing_bearer_token");
  expect((await send(basic("writeKeyOfSegment"))).body.error).toBe("malformed_api_key");
  expect((await send(basic(keys.rk))).body.error).toBe("insufficient_scope");
  expect((await send(basic(keys.pk))).body.error).toBe("origin_not_allowed");
  expect((await send({ origin: "https://evil.example", ...basic(keys.pk) })).body.error).toBe("origin_not_allowed");
});

test("bodies may be compressed, and may be called a form, as RudderStack's client does", async () => {
  const project = await platform.project();
  const raw = gzipSync(JSON.stringify({ batch: [{ type: "track", userId: "u", event: "e" }] }));
  const { status } = await platform.ask("POST", "/segment/v1/batch", {
    headers: {
      ...basic(project.keys.sk),
      "content-encoding": "gzip",
      "content-type": "application/x-www-form-urlencoded",
    },
    raw: new Uint8Array(raw),
  });
  expect(status).toBe(200);
  expect(await rowsOf(platform, project)).toHaveLength(1);
});

test("preflights allow what Segment's browser client sends", async () => {
  const origin = "https://shop.example";
  await platform.project("browser", [origin]);
  const { headers } = await platform.ask("OPTIONS", "/segment/v1/t", {
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,content-type,x-retry-count",
    },
  });
  expect(headers.get("access-control-allow-origin")).toBe(origin);
  expect(headers.get("access-control-allow-headers")).toMatch(/x-retry-count/i);
});

test("the browser client is told to send to the host it asked, and by which key; a secret key is not for browsers", async () => {
  const { keys } = await platform.project();
  const { body } = await platform.ask("GET", `/segment/v1/projects/${keys.pk}/settings`);
  const { host } = new URL(platform.url);
  expect(body.integrations["Segment.io"]).toEqual({ apiKey: keys.pk, apiHost: `${host}/segment/v1`, protocol: "http" });
  for (const key of [keys.sk, keys.rk, "writeKeyOfSegment", "%2e%2e"])
    expect((await platform.ask("GET", `/segment/v1/projects/${key}/settings`)).status).toBe(404);
});

test("/openapi.json describes the seven calls, with Basic", async () => {
  const { body } = await platform.ask("GET", "/openapi.json");
  const paths = Object.keys(body.paths).filter(
    (path) => body.paths[path].post !== undefined && path.startsWith("/segment/"),
  );
  const names = ["batch", "track", "identify", "page", "screen", "group", "alias"];
  expect(paths.sort()).toEqual(names.map((name) => `/segment/v1/${name}`).sort());
  for (const path of paths) expect(body.paths[path].post.security).toEqual([{ basic: [] }]);
});

test("whatever a batch holds, the answer is no 5xx, and each message is accepted or rejected", async () => {
  const project = await platform.project("fuzz");
  const id = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constant(""), fc.constant("user"));
  const fields = fc.oneof(fc.object({ maxDepth: 3 }), fc.constant(null), fc.jsonValue());
  const context = fc.record(
    {
      page: fields,
      campaign: fields,
      library: fields,
      screen: fields,
      device: fields,
      userAgent: fc.jsonValue(),
      sessionId: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  const message = fc.record(
    {
      type: fc.constantFrom("track", "identify", "page", "screen", "group", "alias", "merge", 7),
      messageId: fc.oneof(fc.uuid(), fc.string(), fc.constant(null)),
      userId: id,
      anonymousId: id,
      previousId: id,
      groupId: id,
      event: fc.oneof(fc.string(), fc.jsonValue()),
      name: fc.oneof(fc.string(), fc.jsonValue()),
      properties: fields,
      traits: fields,
      context: fc.oneof(context, fields),
      timestamp: fc.oneof(fc.date({ noInvalidDate: true }), fc.jsonValue()),
      sentAt: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(message, fc.jsonValue()), { minLength: 1, maxLength: 20 }), async (batch) => {
      const { status, body } = await call(platform, project, "batch", { batch });
      const rejected = status === 200 ? body.rejected : body.details.rejected;
      expect([200, 400]).toContain(status);
      expect((body.accepted ?? 0) + rejected.length).toBe(batch.length);
    }),
    { numRuns: 150, seed: 8 },
  );
  expect((await platform.ask("GET", "/v1/query?from=2000-01-01", { key: project.keys.rk })).status).toBe(200);
});
