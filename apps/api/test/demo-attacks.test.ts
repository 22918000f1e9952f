import { randomUUID } from "node:crypto";
import Fastify from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ConfigError, readConfig } from "../src/config.ts";
import { demoBanner } from "../src/demo/banner.ts";
import { allowDemoOrigin, type DemoProject } from "../src/demo/project.ts";
import { demoSite } from "../src/demo/site.ts";
import { handleErrors } from "../src/http/errors.ts";
import { adminToken, startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

let plain: TestPlatform;
let withDemo: { url: string; close(): Promise<unknown> };
let demo: TestProject;
let other: TestProject;
beforeAll(async () => {
  plain = await startPlatform();
  [demo, other] = [await plain.project("demo"), await plain.project("other")];
  // The demo beside the same platform: an application may be listening already when a test needs another one.
  const app = Fastify();
  handleErrors(app);
  await app.register(demoSite(plain, demo));
  withDemo = { url: await app.listen({ port: 0, host: "127.0.0.1" }), close: () => app.close() };
});
afterAll(async () => {
  await withDemo.close();
  await plain.close();
});

const visitor = (id: string | undefined, more: Record<string, string> = {}) =>
  fetch(`${withDemo.url}/demo/visitor`, {
    headers: { ...(id === undefined ? {} : { "x-anonymous-id": id }), ...more },
  });

async function track({ keys }: TestProject, ...events: object[]): Promise<void> {
  expect((await plain.ask("POST", "/v1/batch", { key: keys.sk, body: { events } })).status).toBe(202);
}

interface Known {
  owners: { owner: string | null; events: number; events_without_user_id: number; first_source: string }[];
  events: { event_name: string; owner: string | null; user_id: string | null }[];
  sessions: unknown[];
}

const knownOf = async (id: string) => (await (await visitor(id)).json()) as Known;

test.each([
  undefined,
  "",
  "u_abc",
  "%",
  "' OR 1=1 --",
  "*",
  "0".repeat(32),
  "00000000-0000-0000-0000-000000000000",
  "user_42",
])("an id that could be guessed (%j) is answered 400, whether or not it is somebody's", async (id) => {
  await track(demo, { event: "secret", anonymous_id: "u_abc", user_id: "user_42" });
  const answer = await visitor(id);
  expect([answer.status, ((await answer.json()) as { error: string }).error]).toEqual([400, "invalid_id"]);
});

test("a visitor of another project, and one who is nobody, are nobody here", async () => {
  const id = randomUUID();
  await track(other, { event: "secret", anonymous_id: id });
  expect(await knownOf(id)).toMatchObject({ owners: [], events: [], sessions: [] });
  expect(await knownOf(randomUUID())).toMatchObject({ owners: [], events: [], sessions: [] });
});

test("who claims to be somebody else's user sees what happened on the own device, and nothing of the other's", async () => {
  const [victim, attacker] = [randomUUID(), randomUUID()];
  await track(
    demo,
    { event: "$pageview", anonymous_id: victim, url: "https://shop.example/?utm_source=facebook&utm_medium=cpc" },
    { event: "$identify", anonymous_id: victim, user_id: "victim", properties: { name: "secret" } },
    { event: "from_the_server", user_id: "victim" },
  );
  await track(demo, { event: "$pageview", anonymous_id: attacker, url: "https://shop.example/" });
  await track(demo, { event: "$identify", anonymous_id: attacker, user_id: "victim" });
  const known = await knownOf(attacker);
  expect(known.owners).toMatchObject([
    { owner: "victim", events: 2, events_without_user_id: 1, first_source: "direct" },
  ]);
  expect(known.events.map(({ event_name }) => event_name).sort()).toEqual(["$identify", "$pageview"]);
  expect(known.sessions).toHaveLength(1);
  expect(JSON.stringify(known)).not.toMatch(/secret|facebook/);
});

test("what the panel shows: owners, first touches and rows as they were sent", async () => {
  const id = randomUUID();
  const at = (minute: number) => new Date(Date.UTC(2026, 0, 5, 10, minute)).toISOString();
  await track(
    demo,
    {
      event: "$pageview",
      anonymous_id: id,
      url: "https://shop.example/?utm_source=facebook&utm_medium=cpc",
      timestamp: at(0),
    },
    { event: "$identify", anonymous_id: id, user_id: "robin", timestamp: at(1) },
    { event: "$pageview", anonymous_id: id, url: "https://shop.example/?gclid=x", timestamp: at(2) },
    { event: "$identify", anonymous_id: id, user_id: "sam", timestamp: at(3) },
  );
  const known = await knownOf(id);
  expect(known.owners).toMatchObject([
    { owner: "sam", events: 2, events_without_user_id: 1, first_source: "google" },
    { owner: "robin", events: 2, events_without_user_id: 1, first_source: "facebook" },
  ]);
  expect(known.events.map(({ owner, user_id }) => [owner, user_id])).toEqual([
    ["sam", "sam"],
    ["sam", null],
    ["robin", "robin"],
    ["robin", null],
  ]);
});

test("an unchanged panel is answered 304, a new event changes it, and no cache keeps it", async () => {
  const id = randomUUID();
  await track(demo, { event: "a", anonymous_id: id });
  const first = await visitor(id);
  expect(first.headers.get("cache-control")).toBe("no-store");
  const etag = first.headers.get("etag") ?? "";
  expect((await visitor(id, { "if-none-match": etag })).status).toBe(304);
  await track(demo, { event: "b", anonymous_id: id });
  expect((await visitor(id, { "if-none-match": etag })).status).toBe(200);
});

test.each([
  "../package.json",
  "..%2fpackage.json",
  "%2e%2e%2fsrc%2fserver.ts",
  "shop.css%00",
  "constructor",
  "__proto__",
])("no other file is served: /demo/assets/%s", async (name) =>
  expect((await fetch(`${withDemo.url}/demo/assets/${name}`)).status).toBe(404),
);

test("a page of another origin may not ask: the preflight allows no such header", async () => {
  const origin = "https://allowed.example";
  await plain.project("allowed", [origin]);
  const asked = { origin, "access-control-request-method": "GET", "access-control-request-headers": "x-anonymous-id" };
  const { headers } = await plain.ask("OPTIONS", "/demo/visitor", { headers: asked });
  expect(headers.get("access-control-allow-headers") ?? "").not.toMatch(/x-anonymous-id/i);
});

test("a platform without the demo has none of its addresses", async () => {
  for (const path of ["/", "/demo", "/demo/visitor", "/demo/assets/shop.js"])
    expect((await fetch(plain.url + path)).status).toBe(404);
});

test("the demo is served by the embedded engine to its own machine; elsewhere only when asked for, and never with a server", () => {
  const server = { CLICKHOUSE_URL: "http://127.0.0.1:8123", ADMIN_TOKEN: "x".repeat(16), KEY_PEPPER: "x".repeat(16) };
  expect(readConfig({}).demo).toBe(true);
  expect(readConfig({ DEMO: "false" }).demo).toBe(false);
  expect(readConfig({ HOST: "0.0.0.0" }).demo).toBe(false);
  expect(readConfig({ HOST: "0.0.0.0", DEMO: "true" }).demo).toBe(true);
  expect(readConfig(server).demo).toBe(false);
  expect(() => readConfig({ ...server, DEMO: "true" })).toThrow(ConfigError);
});

test("what npm start prints names the shop first, when there is one", () => {
  const banner = (env: Record<string, string>) =>
    demoBanner("http://127.0.0.1:8787", readConfig(env), "token", demo as DemoProject);
  expect(banner({})).toMatch(/^\nMillimetric is ready at \S+ .*\n\n {2}Open http:\/\/127\.0\.0\.1:8787\/demo\n/);
  expect(banner({ DEMO: "false" })).not.toContain("/demo\n");
});

test("the pages' own origin may send to the demo project, under each of this machine's names, and what was allowed stays", async () => {
  const mine = await plain.project("origins", ["http://localhost:3000"]);
  await allowDemoOrigin(plain, mine, "http://127.0.0.1:4321");
  await allowDemoOrigin(plain, mine, "http://127.0.0.1:4321");
  const { body } = await plain.ask("GET", "/admin/v1/projects", { key: adminToken });
  const found = body.rows.find(({ project_id }: TestProject) => project_id === mine.project_id);
  expect(found.allowed_origins).toEqual(["http://localhost:3000", "http://127.0.0.1:4321", "http://localhost:4321"]);
});
