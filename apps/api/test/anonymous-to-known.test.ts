import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answer, startPlatform, type TestPlatform, type TestProject } from "./platform.ts";
import { parseHttp, recipeBlocks } from "./recipe.ts";

// docs/recipes/anonymous-to-known.md, block by block, as it is printed.
let platform: TestPlatform;
let project: TestProject;
const answers: (Answer | Record<string, unknown>[])[] = [];

beforeAll(async () => {
  platform = await startPlatform();
  project = await platform.project();
  for (const { language, text } of recipeBlocks("recipes/anonymous-to-known.md")) {
    if (language === "sql") {
      const sql = text.trim().replace(/;$/, "");
      answers.push(await platform.clickhouse.query(sql, { project_id: project.project_id }));
    } else {
      const { method, path, body } = parseHttp(text);
      const key = method === "GET" ? project.keys.rk : project.keys.sk;
      answers.push(await platform.ask(method, path, { key, body }));
    }
  }
});
afterAll(() => platform.close());

const touch = { user_id: "user_42", first_touch_source: "facebook", first_touch_medium: "paid" };
const firstSeen = "2026-03-01T14:00:00.000Z";
const path = [
  { event_name: "$pageview", source: "facebook", medium: "paid", path: "/" },
  { event_name: "clicked_pricing", source: "facebook", medium: "paid", path: "/pricing" },
  { event_name: "$pageview", source: "direct", medium: "direct", path: "/" },
];

test.each([0, 1, 2])("call %i of the page is accepted", (index) => {
  expect(answers[index]).toMatchObject({ status: 202, body: { ok: true } });
});

test("3a: the endpoint, the stitched SQL and the plain SQL agree on the first touch", () => {
  const row = { ...touch, first_seen_at: firstSeen };
  expect(answers[3]).toMatchObject({ status: 200, body: { rows: [row] } });
  expect(answers[4]).toEqual([row]);
  expect(answers[5]).toEqual([row]);
});

test("3b: the endpoint and the SQL agree on the path before signup", () => {
  expect(answers[6]).toMatchObject({ status: 200, body: { rows: path } });
  expect(answers[7]).toMatchObject(path.map((step, index) => ({ ...step, campaign: index < 2 ? "spring" : "" })));
});

test("3c: the endpoint and the SQL agree on hours to signup, and on no purchase", () => {
  const reached = { signup: { hours: 141 }, completed_checkout: { at: null, hours: null } };
  expect(answers[8]).toMatchObject({ status: 200, body: { rows: [{ user_id: "user_42", reached }] } });
  expect(answers[9]).toEqual([
    {
      user_id: "user_42",
      first_seen: firstSeen,
      signed_up_at: "2026-03-07T11:14:00.000Z",
      hours_to_signup: 141,
      days_to_first_purchase: null,
    },
  ]);
});

test("multi-device: the endpoint and the SQL agree", () => {
  const row = { user_id: "user_42", devices: ["u_abc"], device_count: 1 };
  expect(answers[10]).toMatchObject({ status: 200, body: { rows: [row] } });
  expect(answers[11]).toEqual([row]);
  expect(answers).toHaveLength(12);
});
