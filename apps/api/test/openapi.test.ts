import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, expect, test } from "vitest";
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
      "/v1/conversions",
      "/v1/devices",
      "/admin/v1/projects",
      "/readyz",
    ]),
  );
});
