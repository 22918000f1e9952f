import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createContract } from "./contract.ts";
import { startPlatform, type TestPlatform } from "./platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

test("/openapi.json is valid OpenAPI 3.1 and describes every call", async () => {
  const { body } = await platform.ask("GET", "/openapi.json");
  expect(body.openapi).toMatch(/^3\.1/);
  const result = await new Validator().validate(body);
  expect(result.errors ?? []).toEqual([]);
  expect(result.valid).toBe(true);
  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining([
      "/v1/track",
      "/v1/batch",
      "/v1/identify",
      "/v1/query",
      "/v1/users/{user_id}/journey",
      "/v1/attribution/first-touch",
      "/v1/attribution",
      "/v1/conversions",
      "/v1/devices",
      "/v1/sources",
      "/v1/sessions",
      "/v1/stats",
      "/v1/users",
      "/v1/users/{user_id}",
      "/v1/funnel",
      "/v1/retention",
      "/admin/v1/projects",
      "/readyz",
    ]),
  );
});

test("the check that every answer of these tests passes finds an undocumented status and a wrong shape", async () => {
  const { body } = await platform.ask("GET", "/openapi.json");
  const problemWith = createContract(body);
  expect(problemWith("POST", "/v1/track?x=1", 202, { ok: true, event_id: "e" })).toBeUndefined();
  expect(problemWith("POST", "/v1/track", 202, { ok: true })).toContain("another shape");
  expect(problemWith("POST", "/v1/track", 418, {})).toContain("not documented");
  expect(problemWith("GET", "/v1/users/someone/journey", 200, { rows: [{}], meta: {} })).toContain("another shape");
});
