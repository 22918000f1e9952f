import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform } from "./platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform({ RATE_LIMIT_KEY_PER_SECOND: "2", RATE_LIMIT_ADDRESS_PER_SECOND: "60" });
});
afterAll(() => platform.close());

const times = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));

test("beyond its rate a key is answered 429 with Retry-After, other keys go on, and what was acknowledged is there", async () => {
  const [busy, calm] = [await platform.project("busy"), await platform.project("calm")];
  const answers = await Promise.all(
    times(40, (n) =>
      platform.ask("POST", "/v1/track", {
        key: busy.keys.sk,
        body: { event: "e", event_id: `e-${n}`, anonymous_id: "a" },
      }),
    ),
  );
  const accepted = answers.filter(({ status }) => status === 202);
  const limited = answers.filter(({ status }) => status === 429);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202, 429]));
  for (const { body, headers } of limited) {
    expect(body).toMatchObject({ error: "rate_limited", retry_after_s: 1 });
    expect(headers.get("retry-after")).toBe("1");
  }
  const [row] = await platform.clickhouse.lookUp<{ events: number }>(
    "SELECT count() AS events FROM events WHERE project_id = {project_id:String}",
    { project_id: busy.project_id },
  );
  expect(row?.events).toBe(accepted.length);
  expect((await platform.ask("GET", "/v1/query", { key: calm.keys.rk })).status).toBe(200);
});

test("an address that guesses keys or paths is limited, too, and a page of an allowed origin can read for how long", async () => {
  const origin = "https://shop.example.com";
  await platform.project("shop", [origin]);
  const answers = await Promise.all(times(600, (n) => platform.ask("GET", `/nowhere/${n}`, { headers: { origin } })));
  const statuses = new Set(answers.map(({ status }) => status));
  expect(statuses).toEqual(new Set([404, 429]));
  for (const { headers } of answers) {
    expect(headers.get("access-control-allow-origin")).toBe(origin);
    expect(headers.get("access-control-expose-headers")).toContain("retry-after");
  }
});
