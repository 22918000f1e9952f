import { userHash } from "@millimetric/track-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminToken, startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

const shop = "https://shop.example";

let platform: TestPlatform;
let project: TestProject;
let secret: string;
beforeAll(async () => {
  platform = await startPlatform();
  ({ project, secret } = await verifying());
});
afterAll(() => platform.close());

const admin = (method: string, path: string, body?: unknown) =>
  platform.ask(method, path, { key: adminToken, ...(body === undefined ? {} : { body }) });

const rotate = async ({ project_id }: TestProject, overlap_seconds = 3600) =>
  (await admin("POST", `/admin/v1/projects/${project_id}/identity-secrets`, { overlap_seconds })).body as {
    secret: string;
    secret_id: string;
  };

const setting = ({ project_id }: TestProject, verified_identify: boolean) =>
  admin("PATCH", `/admin/v1/projects/${project_id}`, { settings: { verified_identify } });

async function verifying(): Promise<{ project: TestProject; secret: string }> {
  const project = await platform.project("verifies", [shop]);
  const { secret } = await rotate(project);
  expect((await setting(project, true)).body.settings).toEqual({ verified_identify: true });
  return { project, secret };
}

/** A request as a page of the shop makes it. */
const browser = ({ keys }: TestProject, path: string, body: unknown) =>
  platform.ask("POST", path, { key: keys.pk, headers: { origin: shop }, body });

const server = ({ keys }: TestProject, path: string, body: unknown) =>
  platform.ask("POST", path, { key: keys.sk, body });

async function storedUsers({ keys }: TestProject, event: string): Promise<(string | null)[]> {
  const { body } = await platform.ask("GET", `/v1/query?event=${encodeURIComponent(event)}&limit=1000`, {
    key: keys.rk,
  });
  return body.rows.map(({ user_id }: { user_id: string | null }) => user_id).reverse();
}

test("a pk key needs the hash that the Node SDK makes; nothing else will do", async () => {
  const identify = (user_hash?: unknown) =>
    browser(project, "/v1/identify", { anonymous_id: "v1", user_id: "user_42", traits: { a: 1 }, user_hash });
  const wrong = [
    undefined,
    null,
    "",
    "0".repeat(64),
    userHash("user_43", secret),
    userHash("user_42", "another secret"),
    userHash("user_42", secret).slice(0, -1),
    `${userHash("user_42", secret)}0`,
    secret,
  ];
  for (const hash of wrong) {
    const { status, body } = await identify(hash);
    expect({ status, error: body.error, hash }).toEqual({ status: 403, error: "identity_not_verified", hash });
  }
  expect(await storedUsers(project, "$identify")).toEqual([]);
  expect((await identify(userHash("user_42", secret))).status).toBe(202);
  expect((await identify(userHash("user_42", secret).toUpperCase())).status).toBe(202);
  expect(await storedUsers(project, "$identify")).toEqual(["user_42", "user_42"]);
});

test("ids of any text are hashed as they are", async () => {
  for (const user_id of ["ü-💚", " padded ", "a@b.c", "x".repeat(256), "1"]) {
    const body = { event: "any-text", anonymous_id: "v2", user_id, user_hash: userHash(user_id, secret) };
    expect((await browser(project, "/v1/track", body)).status).toBe(202);
    expect((await browser(project, "/v1/track", { ...body, user_hash: userHash("other", secret) })).status).toBe(403);
  }
});

test("events without a user, and everything from a server, need no hash", async () => {
  expect((await browser(project, "/v1/track", { event: "free", anonymous_id: "v3" })).status).toBe(202);
  expect((await browser(project, "/v1/track", { event: "free", anonymous_id: "v3", user_id: null })).status).toBe(202);
  expect((await server(project, "/v1/track", { event: "free", user_id: "user_44" })).status).toBe(202);
  expect((await server(project, "/v1/identify", { anonymous_id: "v3", user_id: "user_44" })).status).toBe(202);
  expect(await storedUsers(project, "free")).toEqual([null, null, "user_44"]);
});

test("in a batch the unproven ones are listed and cost their neighbours nothing; nothing but unproven ones is 403", async () => {
  const event = "batch";
  const good = { event, anonymous_id: "v4", user_id: "a", user_hash: userHash("a", secret), event_id: "good" };
  const unproven = { event, anonymous_id: "v4", user_id: "victim", event_id: "unproven" };
  const stolen = { ...good, user_id: "victim", event_id: "stolen" };
  const mixed = await browser(project, "/v1/batch", {
    events: [unproven, good, { event, anonymous_id: "v4" }, stolen, { event, anonymous_id: "undefined" }],
  });
  expect(mixed.status).toBe(202);
  expect(mixed.body).toMatchObject({
    accepted: 2,
    rejected: [
      { index: 0, event_id: "unproven", error: "identity_not_verified" },
      { index: 3, event_id: "stolen", error: "identity_not_verified" },
      { index: 4, event_id: null, error: "invalid_id" },
    ],
  });
  expect(await storedUsers(project, event)).toHaveLength(2);

  const none = await browser(project, "/v1/batch", { events: [unproven, stolen] });
  expect([none.status, none.body.error]).toEqual([403, "identity_not_verified"]);
  expect(none.body.details.rejected).toHaveLength(2);
  const bad = await browser(project, "/v1/batch", { events: [unproven, { event: "" }] });
  expect([bad.status, bad.body.error]).toEqual([400, "invalid_payload"]);
});

test("the hash is stored nowhere, neither with an event nor with a refused one", async () => {
  const user_hash = userHash("quiet", secret);
  const body = { event: "quiet", anonymous_id: "v5", user_id: "quiet", user_hash };
  expect((await browser(project, "/v1/track", body)).status).toBe(202);
  expect((await browser(project, "/v1/track", { ...body, url: "no url" })).status).toBe(400);
  expect((await browser(project, "/v1/identify", { ...body, anonymous_id: 7 })).status).toBe(400);
  const { body: letters } = await platform.ask("GET", "/v1/dead-letters?limit=1000", { key: project.keys.rk });
  expect(letters.rows.length).toBeGreaterThan(2);
  for (const table of ["events_v1", "dead_letters_v1"]) {
    const rows = await platform.clickhouse.query(`SELECT * FROM ${table}`);
    expect(JSON.stringify(rows)).not.toMatch(/[0-9a-f]{64}/i);
  }
});

test("a replay lets nobody in whom the first arrival did not prove", async () => {
  const { project, secret } = await verifying();
  const proven = { event: "replay", anonymous_id: "v6", user_id: "me", user_hash: userHash("me", secret) };
  // Refused for its address, although its user is proven; then for its user.
  await browser(project, "/v1/track", { ...proven, url: "no url" });
  await browser(project, "/v1/track", { event: "replay", anonymous_id: "v6", user_id: "victim" });
  await browser(project, "/v1/track", { event: "replay", anonymous_id: "v6", user_id: "victim", url: "no url" });
  await server(project, "/v1/track", { event: "replay", user_id: "told by a server", url: "no url" });
  await platform.deadLetters.flush();
  await platform.clickhouse.command(
    "ALTER TABLE dead_letters_v1 UPDATE payload = replace(payload, 'no url', 'https://shop.example/') WHERE true SETTINGS mutations_sync = 2",
  );
  const replay = async () => (await server(project, "/v1/dead-letters/replay", {})).body;
  const { replayed, refused } = await replay();
  expect(replayed).toHaveLength(2);
  expect(refused.map(({ error }: { error: string }) => error)).toEqual([
    "identity_not_verified",
    "identity_not_verified",
  ]);
  expect((await storedUsers(project, "replay")).toSorted()).toEqual(["me", "told by a server"]);
  // Whoever stops verifying takes the others in, too.
  await setting(project, false);
  expect((await replay()).replayed).toHaveLength(2);
});

test("Segment's wire wants the hash in its context", async () => {
  const basic = { authorization: `Basic ${Buffer.from(`${project.keys.pk}:`).toString("base64")}`, origin: shop };
  const send = (call: string, body: unknown) => platform.ask("POST", `/segment/v1/${call}`, { headers: basic, body });
  const message = { anonymousId: "v7", userId: "seg", event: "segment", messageId: "m1" };
  const context = { user_hash: userHash("seg", secret) };
  for (const call of ["track", "identify", "page", "screen", "group", "alias"]) {
    const { status, body } = await send(call, message);
    expect([call, status, body.error]).toEqual([call, 403, "identity_not_verified"]);
    const other = await send(call, { ...message, userId: "victim", context });
    expect([call, other.status]).toEqual([call, 403]);
    expect((await send(call, { ...message, messageId: `ok-${call}`, context })).status).toBe(200);
  }
  expect((await send("track", { anonymousId: "v7", event: "segment" })).status).toBe(200);
  const one = { ...message, type: "track" };
  const mixed = await send("batch", { batch: [one, { ...one, messageId: "m2", context }] });
  expect(mixed.body).toMatchObject({ accepted: 1, rejected: [{ index: 0, error: "identity_not_verified" }] });
  expect((await send("batch", { batch: [one] })).status).toBe(403);
  expect((await storedUsers(project, "segment")).toSorted()).toEqual([null, "seg", "seg"].toSorted());
  const rows = await platform.clickhouse.query("SELECT * FROM events_v1 WHERE anonymous_id = 'v7'");
  expect(JSON.stringify(rows)).not.toContain(context.user_hash);
  // A number is an id, too.
  const numeric = { ...message, userId: 42, messageId: "m3", context: { user_hash: userHash("42", secret) } };
  expect((await send("track", numeric)).status).toBe(200);
});

test("old and new secret both prove during the overlap, a revoked one proves nothing", async () => {
  const { project, secret: first } = await verifying();
  const { project_id } = project;
  const track = async (secret: string) => {
    const body = { event: "e", anonymous_id: "v8", user_id: "u", user_hash: userHash("u", secret) };
    return (await browser(project, "/v1/track", body)).status;
  };
  const second = await rotate(project, 3600);
  expect([await track(first), await track(second.secret)]).toEqual([202, 202]);
  const third = await rotate(project, 0);
  expect([await track(first), await track(second.secret), await track(third.secret)]).toEqual([403, 403, 202]);

  const path = `/admin/v1/projects/${project_id}/identity-secrets`;
  const { rows } = (await admin("GET", path)).body;
  expect(rows.map(({ secret_id }: { secret_id: string }) => secret_id)).toEqual(
    expect.arrayContaining([second.secret_id, third.secret_id]),
  );
  expect(rows.filter(({ expires_at }: { expires_at: string | null }) => expires_at === null)).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(third.secret);

  expect((await admin("DELETE", `${path}/${third.secret_id}`)).status).toBe(204);
  expect((await admin("DELETE", `${path}/${third.secret_id}`)).status).toBe(404);
  expect(await track(third.secret)).toBe(403);
  const fourth = await rotate(project);
  expect([await track(third.secret), await track(fourth.secret)]).toEqual([403, 202]);
});

test("a secret proves users of its own project alone, and ClickHouse holds it sealed", async () => {
  const other = await verifying();
  const body = { event: "e", anonymous_id: "v9", user_id: "u", user_hash: userHash("u", secret) };
  expect((await browser(other.project, "/v1/track", body)).status).toBe(403);
  const rows = await platform.clickhouse.query("SELECT * FROM identity_secrets_v1");
  expect(rows.length).toBeGreaterThan(1);
  expect(JSON.stringify(rows)).not.toContain(secret);
  expect(JSON.stringify(rows)).not.toContain(other.secret);
});

test("cannot be turned on without a secret; off, everything is as without it", async () => {
  const plain = await platform.project("plain", [shop]);
  const refused = await setting(plain, true);
  expect([refused.status, refused.body.error]).toEqual([400, "invalid_payload"]);
  const event = { event: "plain", anonymous_id: "v", user_id: "u" };
  expect((await browser(plain, "/v1/track", event)).status).toBe(202);
  expect((await browser(plain, "/v1/track", { ...event, user_hash: "whatever" })).status).toBe(202);
  expect((await admin("POST", "/admin/v1/projects/p_none/identity-secrets", {})).status).toBe(404);
});
