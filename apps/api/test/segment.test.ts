import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}` });
const at = "2026-01-05T10:00:00.000Z";

function call(project: TestProject, name: string, body: object) {
  return platform.ask("POST", `/segment/v1/${name}`, { headers: basic(project.keys.sk), body });
}

async function rowsOf({ keys }: TestProject) {
  const { body } = await platform.ask("GET", "/v1/query?from=2000-01-01&limit=1000", { key: keys.rk });
  return body.rows;
}

/** Sends one message, as Segment's clients do, and gives its row. */
async function rowOf(name: string, message: object) {
  const project = await platform.project();
  expect(await call(project, name, { timestamp: at, ...message })).toMatchObject({
    status: 200,
    body: { success: true },
  });
  const rows = await rowsOf(project);
  expect(rows).toHaveLength(1);
  return rows[0];
}

test("track: ids, time, properties and where it happened", async () => {
  const row = await rowOf("track", {
    messageId: "m-1",
    anonymousId: "visitor",
    userId: "user",
    event: "bought",
    properties: { plan: "pro", title: "stays a property" },
    context: {
      page: { url: "https://shop.example/a?gclid=x", path: "/a", referrer: "https://google.com/", title: "A" },
      library: { name: "analytics.js", version: "next-1.84" },
      locale: "de-DE",
      timezone: "Europe/Berlin",
      screen: { width: 1280, height: 720, density: 2 },
      userAgent:
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile/15E148 Safari/604.1",
      sessionId: 1_700_000_000_000,
    },
  });
  expect(row).toMatchObject({
    event_id: "m-1",
    event_name: "bought",
    anonymous_id: "visitor",
    user_id: "user",
    session_id: "1700000000000",
    timestamp: at,
    source: "google",
    medium: "paid",
    url: "https://shop.example/a?gclid=x",
    path: "/a",
    title: "A",
    device_type: "mobile",
    properties: { plan: "pro", title: "stays a property", gclid: "x" },
    context: { locale: "de-DE", timezone: "Europe/Berlin", screen: "1280x720" },
  });
});

test("userId null, and an empty id, say that there is none; numbers are ids", async () => {
  expect(await rowOf("track", { event: "e", anonymousId: "a", userId: null })).toMatchObject({ user_id: null });
  expect(await rowOf("track", { event: "e", anonymousId: "", userId: 42 })).toMatchObject({
    anonymous_id: "",
    user_id: "42",
  });
});

test("page: its properties say where, and win over the context", async () => {
  const properties = { url: "https://shop.example/p", path: "/p", title: "P", referrer: "", search: "", price: 5 };
  const context = { page: { url: "https://other.example/", title: "O", referrer: "https://duckduckgo.com/" } };
  const row = await rowOf("page", { anonymousId: "a", name: "Product", category: "Shop", properties, context });
  expect(row).toMatchObject({ event_name: "$pageview", url: "https://shop.example/p", path: "/p", title: "P" });
  expect(row.properties).toEqual({ name: "Product", category: "Shop", price: 5 });
});

test("a page whose url is none keeps its event", async () => {
  const row = await rowOf("page", { anonymousId: "a", properties: { url: "/pricing" } });
  expect(row).toMatchObject({ url: "", path: "/pricing" });
});

test("identify: traits in the properties, and the visitor's past belongs to the user", async () => {
  const project = await platform.project();
  await call(project, "page", { anonymousId: "visitor", timestamp: at, properties: { url: "https://shop.example/" } });
  await call(project, "identify", { anonymousId: "visitor", userId: "user", traits: { plan: "pro" } });
  const { body } = await platform.ask("GET", "/v1/users/user/journey", { key: project.keys.rk });
  expect(body.rows).toMatchObject([
    { event_name: "$pageview", phase: "before_identify" },
    { event_name: "$identify", phase: "identified", properties: { plan: "pro" } },
  ]);
});

test("alias is a link: what the previous id did belongs to the user", async () => {
  const project = await platform.project();
  await call(project, "track", { anonymousId: "old", event: "browsed", timestamp: at });
  await call(project, "alias", { previousId: "old", userId: "user" });
  const { body } = await platform.ask("GET", "/v1/users/user/journey", { key: project.keys.rk });
  expect(body.rows.map(({ event_name }: { event_name: string }) => event_name)).toEqual(["browsed", "$alias"]);
});

test("group and screen are events with the group's traits and the screen's name", async () => {
  const group = await rowOf("group", { userId: "u", groupId: "acme", traits: { employees: 3 } });
  expect(group).toMatchObject({ event_name: "$group", properties: { group_id: "acme", employees: 3 } });
  const screen = await rowOf("screen", { userId: "u", name: "Home", properties: { tab: 1 } });
  expect(screen).toMatchObject({ event_name: "$screen", title: "Home", properties: { name: "Home", tab: 1 } });
});

test("context.campaign decides the source, unless the url has a campaign of its own", async () => {
  const campaign = { name: "spring", source: "facebook", medium: "cpc", content: "blue" };
  const send = (page?: object) =>
    rowOf("track", { event: "e", anonymousId: "a", context: { campaign, ...(page === undefined ? {} : { page }) } });
  const origin = { source: "facebook", medium: "paid", campaign: "spring", properties: { utm_content: "blue" } };
  expect(await send()).toMatchObject(origin);
  expect(await send({ url: "https://shop.example/x?a=1#top" })).toMatchObject({ ...origin, path: "/x" });
  const own = await send({ url: "https://shop.example/?utm_source=news&utm_medium=email" });
  expect(own).toMatchObject({
    source: "news",
    medium: "email",
    url: "https://shop.example/?utm_source=news&utm_medium=email",
  });
});

test("no IP address, advertising id or traits of the context are stored", async () => {
  await rowOf("track", {
    event: "e",
    anonymousId: "a",
    context: {
      ip: "203.0.113.7",
      traits: { email: "a@b.example" },
      device: { id: "device-id", advertisingId: "ad-id", token: "push-token", model: "Pixel 8" },
      app: { name: "Shop", version: "1.2" },
    },
  });
  const rows = await platform.clickhouse.query<{ context: string }>(
    "SELECT * FROM events WHERE context LIKE '%Pixel%' ORDER BY received_at",
  );
  expect(rows).toHaveLength(1);
  for (const secret of ["203.0.113.7", "a@b.example", "device-id", "ad-id", "push-token"])
    expect(JSON.stringify(rows)).not.toContain(secret);
  expect(JSON.parse(rows[0]?.context ?? "")).toEqual({
    app: { name: "Shop", version: "1.2" },
    device: { model: "Pixel 8" },
  });
});

test("a wrong clock is corrected by sentAt; neither an archived message nor a RudderStack server's second try is taken for one", async () => {
  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const message = { event: "e", anonymousId: "a", timestamp: anHourAgo, sentAt: anHourAgo };
  const corrected = await rowOf("track", message);
  expect(Date.parse(corrected.timestamp)).toBeGreaterThan(Date.now() - 60_000);
  expect(await rowOf("track", { ...message, channel: "server" })).toMatchObject({ timestamp: anHourAgo });
  expect(await rowOf("track", { ...message, receivedAt: anHourAgo })).toMatchObject({ timestamp: anHourAgo });
  expect(await rowOf("track", { ...message, sentAt: "soon" })).toMatchObject({ timestamp: anHourAgo });
});

test("a batch counts each messageId once, names what it refuses, and shares its context", async () => {
  const project = await platform.project();
  const good = { type: "track", messageId: "m-1", userId: "u", event: "e" };
  const batch = [good, { ...good, event: "again" }, { ...good, messageId: "m-2", userId: {} }, 7];
  batch.push({ ...good, messageId: "m-3", type: "merge" }, { type: "track", messageId: "m-4", event: "e" } as never);
  batch.push({ type: "identify", messageId: "m-5", userId: "undefined" } as never);
  const sent = { batch, context: { locale: "fr" }, sentAt: new Date().toISOString() };
  const { status, body } = await call(project, "batch", sent);
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
  await call(project, "batch", sent);
  expect(await rowsOf(project)).toMatchObject([{ event_id: "m-1", event_name: "e", context: { locale: "fr" } }]);
  const letters = await platform.ask("GET", "/v1/dead-letters", { key: project.keys.sk });
  expect(letters.body.rows).toHaveLength(10);
});

test("a batch of nothing but bad messages, and a body that is no batch, are refused", async () => {
  const project = await platform.project();
  for (const body of [{ batch: [{ type: "track", event: "e" }] }, { batch: [] }, { batch: 1 }, { events: [] }]) {
    const { status, body: answer } = await call(project, "batch", body);
    expect([status, answer.error]).toEqual([400, "invalid_payload"]);
  }
  expect((await call(project, "track", { event: "e" })).body.error).toBe("missing_identity");
  expect((await call(project, "track", { userId: "u" })).body.error).toBe("invalid_payload");
  expect(await rowsOf(project)).toEqual([]);
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
  expect(await rowsOf(project)).toHaveLength(1);
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

test("/openapi.json describes the seven calls, with Basic", async () => {
  const { body } = await platform.ask("GET", "/openapi.json");
  const paths = Object.keys(body.paths).filter((path) => path.startsWith("/segment/"));
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
      const { status, body } = await call(project, "batch", { batch });
      const rejected = status === 200 ? body.rejected : body.details.rejected;
      expect([200, 400]).toContain(status);
      expect((body.accepted ?? 0) + rejected.length).toBe(batch.length);
    }),
    { numRuns: 150, seed: 8 },
  );
  expect((await platform.ask("GET", "/v1/query?from=2000-01-01", { key: project.keys.rk })).status).toBe(200);
});
