import { afterAll, beforeAll, expect, test } from "vitest";
import { adminToken, startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

let platform: TestPlatform;
let mine: TestProject;
let theirs: TestProject;
const shop = "https://shop.example";
beforeAll(async () => {
  platform = await startPlatform();
  mine = await platform.project("mine", [shop, "https://*.shop.example", "http://localhost:3000"]);
  theirs = await platform.project("theirs");
});
afterAll(() => platform.close());

const event = { event: "e", anonymous_id: "a" };
const track = (options: { key?: string; headers?: Record<string, string>; body?: unknown }) =>
  platform.ask("POST", "/v1/track", { body: event, ...options });

async function stored({ project_id }: TestProject): Promise<number> {
  const [row] = await platform.clickhouse.query<{ n: number }>(
    "SELECT count() AS n FROM events WHERE project_id = {project_id:String}",
    { project_id },
  );
  return row?.n ?? -1;
}

test("every refusal has its code, and nothing is stored or shown", async () => {
  const { pk, sk, rk } = mine.keys;
  const wrongSecret = `${sk.slice(0, -1)}${sk.endsWith("x") ? "y" : "x"}`;
  const before = await stored(mine);
  const refusals: [number, string, Promise<{ status: number; body: { error: string } }>][] = [
    [401, "missing_bearer_token", track({})],
    [401, "malformed_api_key", track({ key: "sk_live_short" })],
    [401, "malformed_api_key", track({ key: `xx${sk.slice(2)}` })],
    [401, "invalid_api_key", track({ key: wrongSecret })],
    [401, "invalid_api_key", track({ key: `sk_live_AAAAAAAA_${"B".repeat(40)}` })],
    [401, "invalid_api_key", track({ key: `sk${rk.slice(2)}` })],
    [403, "insufficient_scope", track({ key: rk })],
    [403, "insufficient_scope", platform.ask("GET", "/v1/query", { key: pk, headers: { origin: shop } })],
    [403, "origin_not_allowed", track({ key: pk })],
    [403, "origin_not_allowed", track({ key: pk, headers: { origin: "https://evil.example" } })],
    [403, "origin_not_allowed", track({ key: pk, headers: { origin: "https://shop.example.evil.example" } })],
    [403, "origin_not_allowed", track({ key: pk, headers: { origin: "https://evilshop.example" } })],
    [403, "origin_not_allowed", track({ key: pk, headers: { origin: "http://shop.example" } })],
    [403, "origin_not_allowed", track({ key: pk, headers: { origin: "https://shop.example:8443" } })],
    [403, "origin_not_allowed", track({ key: pk, headers: { origin: "https://evil.example/.shop.example" } })],
    [403, "origin_not_allowed", track({ key: pk, headers: { origin: "null" } })],
    [403, "insufficient_scope", track({ body: { ...event, key: sk } })],
    [401, "missing_bearer_token", platform.ask("GET", `/v1/query?key=${rk}`)],
    [401, "invalid_api_key", platform.ask("GET", "/admin/v1/projects", { key: sk })],
    [401, "missing_bearer_token", platform.ask("GET", "/admin/v1/projects")],
  ];
  for (const [status, code, refusal] of refusals) {
    const answer = await refusal;
    expect(answer.body).toMatchObject({ error: code });
    expect(answer.status).toBe(status);
  }
  expect(await stored(mine)).toBe(before);
});

test("a pk key works from every kind of allowed origin, in the header, the body or the address", async () => {
  const { pk } = mine.keys;
  const before = await stored(mine);
  for (const origin of [shop, "https://a.b.shop.example", "http://localhost:3000"])
    expect((await track({ key: pk, headers: { origin } })).status).toBe(202);
  const beacon = { headers: { origin: shop, "content-type": "text/plain" } };
  expect((await track({ ...beacon, body: { ...event, key: pk } })).status).toBe(202);
  const { status, headers } = await platform.ask("POST", `/v1/batch?key=${pk}`, {
    ...beacon,
    body: { events: [event] },
  });
  expect(status).toBe(202);
  expect(headers.get("access-control-allow-origin")).toBe(shop);
  expect(headers.get("vary")).toMatch(/origin/i);
  expect(await stored(mine)).toBe(before + 5);
});

test("preflights are answered for allowed origins only", async () => {
  const preflight = (origin: string) =>
    platform.ask("OPTIONS", "/v1/batch", {
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
    });
  const allowed = await preflight(shop);
  expect(allowed.headers.get("access-control-allow-origin")).toBe(shop);
  expect(Number(allowed.headers.get("access-control-max-age"))).toBeGreaterThan(3600);
  expect(allowed.headers.get("access-control-allow-credentials")).toBeNull();
  expect(allowed.headers.get("vary")).toMatch(/origin/i);
  expect((await preflight("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
});

test("a project sees its own data alone, whatever it asks for", async () => {
  await track({
    key: theirs.keys.sk,
    body: { event: "secret", anonymous_id: "v", user_id: "u", url: "https://x.example/" },
  });
  const paths = [
    "/v1/query?user_id=u",
    `/v1/query?project_id=${theirs.project_id}`,
    "/v1/users/u/journey",
    "/v1/attribution/first-touch?user_id=u",
    "/v1/conversions?events=secret&user_id=u",
    "/v1/devices?user_id=u",
  ];
  for (const path of paths) {
    const { body } = await platform.ask("GET", path, { key: mine.keys.rk });
    expect(JSON.stringify(body.rows)).not.toContain("secret");
    expect(body.rows.filter((row: { user_id: string }) => row.user_id === "u")).toEqual([]);
  }
});

test("test data and live data are apart", async () => {
  const { body } = await platform.ask("POST", `/admin/v1/projects/${mine.project_id}/keys`, {
    key: adminToken,
    body: { kind: "sk", env: "test", label: "staging" },
  });
  expect(body.key).toMatch(/^sk_test_/);
  await track({ key: body.key, body: { event: "only-test", anonymous_id: "t" } });
  const names = async (key: string, query = "") => {
    const answer = await platform.ask("GET", `/v1/query?event=only-test${query}`, { key });
    return answer.body.rows.length;
  };
  expect(await names(mine.keys.rk)).toBe(0);
  expect(await names(body.key)).toBe(1);
  expect(await names(mine.keys.rk, "&env=test")).toBe(1);
  // A test key lies about in more places than a live one.
  const live = await platform.ask("GET", "/v1/query?env=live", { key: body.key });
  expect([live.status, live.body.error]).toEqual([403, "insufficient_scope"]);
});

test("a revoked key stops, a rotated one works during the overlap, and no answer shows a secret again", async () => {
  const admin = (method: string, path: string, body?: unknown) =>
    platform.ask(method, `/admin/v1/projects/${mine.project_id}/keys${path}`, {
      key: adminToken,
      ...(body ? { body } : {}),
    });
  const { body: made } = await admin("POST", "", { kind: "sk", label: "job" });
  expect((await track({ key: made.key })).status).toBe(202);

  const { body: rotated } = await admin("POST", `/${made.prefix}/rotate`, { overlap_seconds: 3600 });
  expect((await track({ key: made.key })).status).toBe(202);
  expect((await track({ key: rotated.key })).status).toBe(202);

  expect((await admin("DELETE", `/${rotated.prefix}`)).status).toBe(204);
  expect((await track({ key: rotated.key })).body.error).toBe("invalid_api_key");

  const { body: cut } = await admin("POST", `/${made.prefix}/rotate`, { overlap_seconds: 0 });
  expect((await track({ key: made.key })).body.error).toBe("invalid_api_key");
  expect((await track({ key: cut.key })).status).toBe(202);

  const { body: list } = await admin("GET", "");
  const text = JSON.stringify(list);
  for (const secret of [made.key, rotated.key, cut.key]) expect(text).not.toContain(secret.split("_")[3]);
  const used = list.rows.find(({ prefix }: { prefix: string }) => prefix === cut.prefix);
  expect(used).toMatchObject({ kind: "sk", env: "live", label: "job", expires_at: null });
});

test("ClickHouse holds no key, only its keyed hash", async () => {
  const rows = await platform.clickhouse.query<Record<string, unknown>>("SELECT * FROM api_keys_v1");
  const secret = mine.keys.sk.split("_")[3] ?? "";
  expect(rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(rows)).not.toContain(secret);
});
