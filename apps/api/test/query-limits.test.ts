import { afterAll, beforeAll, expect, test } from "vitest";
import { selfCheck } from "../src/self-check.ts";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

let platform: TestPlatform;
let project: TestProject;
beforeAll(async () => {
  platform = await startPlatform({ QUERY_MAX_ROWS: "6000" });
  project = await platform.project();
});
afterAll(() => platform.close());

const batch = (from: number) => ({
  events: Array.from({ length: 1000 }, (_, index) => ({
    event: "e",
    event_id: `e${from + index}`,
    anonymous_id: `v${(from + index) % 500}`,
    timestamp: Date.now() - 1000,
    ...(index % 20 === 0 ? { user_id: `u${index}` } : {}),
  })),
});

test("a read that asks for too much is refused with a code, and the API goes on taking and answering", async () => {
  const { sk, rk } = project.keys;
  const uniques = "/v1/stats?metric=uniques&interval=day";
  expect((await platform.ask("POST", "/v1/batch", { key: sk, body: batch(0) })).status).toBe(202);
  expect((await platform.ask("GET", uniques, { key: rk })).status).toBe(200);
  for (const from of [1000, 2000, 3000, 4000, 5000, 6000])
    expect((await platform.ask("POST", "/v1/batch", { key: sk, body: batch(from) })).status).toBe(202);
  const refused = await platform.ask("GET", uniques, { key: rk });
  expect([refused.status, refused.body.error]).toEqual([503, "upstream_unavailable"]);
  expect(refused.body.message).toBe("The query hit its limits; ask for a shorter range.");
  expect((await platform.ask("GET", "/healthz")).status).toBe(200);
  expect((await platform.ask("POST", "/v1/track", { key: sk, body: { event: "e", anonymous_id: "v1" } })).status).toBe(
    202,
  );
  expect((await platform.ask("GET", "/v1/devices", { key: rk })).status).toBe(200);
}, 300_000);

test("the self-check shows in the metrics how many users it compared, and that none differed", async () => {
  const other = await platform.project("small");
  const body = batch(0).events.slice(0, 100);
  await platform.ask("POST", "/v1/batch", { key: other.keys.sk, body: { events: body } });
  const { clickhouse, metrics } = platform;
  await selfCheck({ clickhouse, metrics, projects: async () => [other] });
  const shown = (await platform.ask("GET", "/metrics")).body as string;
  expect(shown).toMatch(/^millimetric_first_touch_checked_total 5$/m);
  expect(shown).toMatch(/^millimetric_first_touch_different_total 0$/m);
}, 300_000);
