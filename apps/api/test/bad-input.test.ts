import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { errorCodes } from "@millimetric/contracts";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Answer, startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

/** A UUID of nothing but chance: a counted one would tell every caller how busy the others are. */
const drawn = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let platform: TestPlatform;
let project: TestProject;
beforeAll(async () => {
  platform = await startPlatform();
  project = await platform.project();
});
afterAll(() => platform.close());

const good = { event: "e", anonymous_id: "a" };
const post = (
  path: string,
  options: { body?: unknown; raw?: string | Uint8Array<ArrayBuffer>; headers?: Record<string, string> },
) => platform.ask("POST", path, { key: project.keys.sk, ...options });

async function stored(): Promise<number> {
  const [row] = await platform.clickhouse.query<{ n: number }>("SELECT count() AS n FROM events");
  return row?.n ?? -1;
}

function expectRefused(answer: Answer, code: keyof typeof errorCodes): void {
  expect(answer.body).toMatchObject({
    error: code,
    message: expect.any(String),
    request_id: expect.stringMatching(drawn),
  });
  expect(answer.status).toBe(errorCodes[code].status);
}

const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

const bodies: [string, string, keyof typeof errorCodes][] = [
  ["an empty body", "", "invalid_json"],
  ["broken JSON", '{"event":"e"', "invalid_json"],
  ["JSON that is no object", "[1]", "invalid_payload"],
  ["null", "null", "invalid_payload"],
  ["5 MB", JSON.stringify({ ...good, title: "x".repeat(5_000_000) }), "payload_too_large"],
  ["wrong types", JSON.stringify({ event: 1, anonymous_id: ["a"] }), "invalid_payload"],
  ["an empty event name", JSON.stringify({ ...good, event: "" }), "invalid_payload"],
  ["properties that are a list", JSON.stringify({ ...good, properties: [] }), "invalid_payload"],
  ["properties over 32 KB", JSON.stringify({ ...good, properties: { a: "é".repeat(17_000) } }), "invalid_payload"],
  ["a url that is none", JSON.stringify({ ...good, url: "shop" }), "invalid_payload"],
  ["a lone surrogate", '{"event":"e","anonymous_id":"\\ud800"}', "invalid_payload"],
  [
    "a lone surrogate in a property name",
    '{"event":"e","anonymous_id":"a","properties":{"\\udc00":1}}',
    "invalid_payload",
  ],
  ["a NUL byte", '{"event":"a\\u0000b","anonymous_id":"a"}', "invalid_payload"],
  ["__proto__", '{"event":"e","anonymous_id":"a","properties":{"__proto__":{"x":1}}}', "invalid_payload"],
  ["10,000 levels", `{"event":"e","anonymous_id":"a","properties":${deep(10_000)}}`, "invalid_payload"],
  ["a date without a zone", JSON.stringify({ ...good, timestamp: "2026-03-01T10:00:00" }), "invalid_payload"],
  ["a date in words", JSON.stringify({ ...good, timestamp: "yesterday" }), "invalid_payload"],
  ["the year 275760", JSON.stringify({ ...good, timestamp: 8.64e15 }), "invalid_payload"],
  ["a date before 1970", JSON.stringify({ ...good, timestamp: "0001-01-01T00:00:00Z" }), "invalid_payload"],
  ["no identity", JSON.stringify({ event: "e" }), "missing_identity"],
  ["an id that is an accident", JSON.stringify({ event: "e", anonymous_id: "undefined" }), "invalid_id"],
  ["an empty user_id", JSON.stringify({ ...good, user_id: "" }), "invalid_id"],
  ["a user_id that is the anonymous_id", JSON.stringify({ ...good, user_id: "a" }), "invalid_id"],
];

test.each(bodies)("refuses %s with a stable code and stores nothing", async (_, raw, code) => {
  const before = await stored();
  expectRefused(await post("/v1/track", { raw }), code);
  expect(await stored()).toBe(before);
});

test("refuses an address that cannot be read with a stable code", async () => {
  expectRefused(await post("/v1/%ZZ", { body: good }), "invalid_payload");
});

test.each(["1,001", "no"])("refuses a batch of %s events", async (size) => {
  const events = Array.from({ length: size === "no" ? 0 : 1001 }, () => good);
  expectRefused(await post("/v1/batch", { body: { events } }), "invalid_payload");
});

test("one bad event among 100 costs only itself", async () => {
  const before = await stored();
  const events = Array.from({ length: 100 }, (_, n) => ({
    ...good,
    event_id: `batch-${n}`,
    ...(n === 41 ? { event: 7 } : {}),
  }));
  const { status, body } = await post("/v1/batch", { body: { events } });
  expect(status).toBe(202);
  expect(body.accepted).toBe(99);
  expect(body.rejected).toMatchObject([{ index: 41, event_id: "batch-41", error: "invalid_payload" }]);
  expect(await stored()).toBe(before + 99);
});

test("a batch of nothing but bad events is refused, each with its reason", async () => {
  const answer = await post("/v1/batch", { body: { events: [{}, { event: "e" }] } });
  expectRefused(answer, "invalid_payload");
  expect(answer.body.details.rejected.map(({ error }: { error: string }) => error)).toEqual([
    "invalid_payload",
    "missing_identity",
  ]);
});

test("an event far in the future counts now, flagged; one of 1971 keeps its date", async () => {
  await post("/v1/track", { body: { ...good, event_id: "future", timestamp: "2150-01-01T00:00:00Z" } });
  await post("/v1/track", { body: { ...good, event_id: "past", timestamp: "1971-01-01T00:00:00Z" } });
  const rows = await platform.clickhouse.query<{ event_id: string; year: number; timestamp_clamped: boolean }>(
    "SELECT event_id, toYear(timestamp) AS year, timestamp_clamped FROM events WHERE event_id IN ('future', 'past') ORDER BY event_id",
  );
  expect(rows[0]).toMatchObject({ event_id: "future", timestamp_clamped: true });
  expect(rows[0]?.year).toBeLessThan(2150);
  expect(rows[1]).toEqual({ event_id: "past", year: 1971, timestamp_clamped: false });
});

test.each([
  ["gzip", gzipSync],
  ["deflate", deflateSync],
  ["br", brotliCompressSync],
] as const)("takes a body in %s, and refuses one that inflates beyond 4 MB or is none", async (encoding, compress) => {
  const headers = { "content-encoding": encoding };
  const packed = (text: string) => new Uint8Array(compress(text));
  expect((await post("/v1/track", { raw: packed(JSON.stringify(good)), headers })).status).toBe(202);
  const bomb = packed(JSON.stringify({ ...good, title: "x".repeat(50_000_000) }));
  expectRefused(await post("/v1/track", { raw: bomb, headers }), "payload_too_large");
  expectRefused(await post("/v1/track", { raw: JSON.stringify(good), headers }), "invalid_json");
});

test("whatever is sent, the answer is no 5xx and the server lives on", async () => {
  const field = fc.oneof(fc.string({ unit: "binary" }), fc.jsonValue(), fc.double(), fc.constant(undefined));
  const event = fc.dictionary(
    fc.constantFrom(
      "event",
      "event_id",
      "timestamp",
      "sent_at",
      "anonymous_id",
      "user_id",
      "url",
      "referrer",
      "properties",
      "context",
    ),
    field,
  );
  await fc.assert(
    fc.asyncProperty(fc.oneof(event, fc.jsonValue(), fc.record({ events: fc.array(event) })), async (body) => {
      for (const path of ["/v1/track", "/v1/batch", "/v1/identify"]) {
        const { status } = await post(path, { body });
        expect([202, 400]).toContain(status);
      }
    }),
    { seed: 7, numRuns: 150 },
  );
  expect((await post("/v1/track", { body: good })).status).toBe(202);
});

test("every answer is counted under its route and status, whatever path was asked for", async () => {
  const { keys } = await platform.project("counted");
  await platform.ask("GET", "/v1/users/asked-for/journey", { key: keys.rk });
  await platform.ask("POST", "/v1/track", { key: keys.sk, body: {} });
  await platform.ask("GET", "/nowhere/at/all");
  const shown = (await platform.ask("GET", "/metrics")).body as string;
  const counted = (labels: string) => shown.includes(`millimetric_http_request_seconds_count{${labels}} `);
  expect(counted('method="GET",route="/v1/users/:user_id/journey",status="200"')).toBe(true);
  expect(counted('method="POST",route="/v1/track",status="400"')).toBe(true);
  expect(counted('method="GET",route="none",status="404"')).toBe(true);
  expect(shown).not.toMatch(/nowhere|asked-for/);
});
