import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform } from "./platform.ts";
import { call, rowsOf } from "./segment-wire.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const at = "2026-01-05T10:00:00.000Z";

/** Sends one message, as Segment's clients do, and gives its row. */
async function rowOf(name: string, message: object) {
  const project = await platform.project();
  expect(await call(platform, project, name, { timestamp: at, ...message })).toMatchObject({
    status: 200,
    body: { success: true },
  });
  const rows = await rowsOf(platform, project);
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
  await call(platform, project, "page", {
    anonymousId: "visitor",
    timestamp: at,
    properties: { url: "https://shop.example/" },
  });
  await call(platform, project, "identify", { anonymousId: "visitor", userId: "user", traits: { plan: "pro" } });
  const { body } = await platform.ask("GET", "/v1/users/user/journey", { key: project.keys.rk });
  expect(body.rows).toMatchObject([
    { event_name: "$pageview", phase: "before_identify" },
    { event_name: "$identify", phase: "identified", properties: { plan: "pro" } },
  ]);
});

test("alias is a link: what the previous id did belongs to the user", async () => {
  const project = await platform.project();
  await call(platform, project, "track", { anonymousId: "old", event: "browsed", timestamp: at });
  await call(platform, project, "alias", { previousId: "old", userId: "user" });
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
