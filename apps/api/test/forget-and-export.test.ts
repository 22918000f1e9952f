import { afterAll, beforeAll, expect, test } from "vitest";
import { householdsOn } from "./household.ts";
import { startPlatform, type TestPlatform } from "./platform.ts";
import { searchFolder } from "./search-folder.ts";

let platform: TestPlatform;
let on: ReturnType<typeof householdsOn>;
beforeAll(async () => {
  platform = await startPlatform();
  on = householdsOn(platform);
});
afterAll(() => platform.close());

test("with suppress later events of the user are answered 202, counted, and kept nowhere, whatever way they come", async () => {
  const project = await on.household("gone");
  const { sk } = project.keys;
  // Refused for its name, kept, and replayed after the request.
  const letter = { event: "", event_id: "gone-letter", user_id: "alice-gone" };
  await platform.ask("POST", "/v1/track", { key: sk, body: letter });
  const before = await on.eventIds(project);
  await on.forget(project, { user_id: "alice-gone", suppress: true });
  const alice = { user_id: "alice-gone", anonymous_id: "new-phone-of-alice" };
  const calls: [string, object, number][] = [
    ["/v1/track", { event: "e", ...alice }, 202],
    [
      "/v1/batch",
      {
        events: [
          { event: "e", ...alice },
          { event: "e", event_id: "gone-bob", user_id: "bob-gone" },
        ],
      },
      202,
    ],
    ["/v1/identify", { ...alice, traits: { email: "alice@gone.example" } }, 202],
    // Her phone was nobody else's.
    ["/v1/track", { event: "e", anonymous_id: "alice-phone-gone" }, 202],
    // Not acceptable: refused as ever, and not kept.
    ["/v1/track", { event: "", ...alice }, 400],
  ];
  for (const [path, body, status] of calls)
    expect((await platform.ask("POST", path, { key: sk, body })).status, path).toBe(status);
  const basic = { authorization: `Basic ${Buffer.from(`${sk}:`).toString("base64")}` };
  const segment = (body: object) => platform.ask("POST", "/segment/v1/track", { headers: basic, body });
  expect((await segment({ event: "e", userId: "alice-gone", messageId: "gone-segment" })).status).toBe(200);
  expect((await segment({ event: 1, userId: "alice-gone", messageId: "gone-segment-2" })).status).toBe(400);
  const replay = await platform.ask("POST", "/v1/dead-letters/replay", { key: sk, body: {} });
  expect(replay.body).toMatchObject({ replayed: [] });

  // The laptop is Bob's, too: what nobody signs there is kept.
  await on.send(project, [{ event: "e", event_id: "gone-laptop", anonymous_id: "laptop-gone" }]);
  const hers = [0, 1, 5, 6, 7].map((index) => `gone-event-${index}`);
  expect(await on.eventIds(project)).toEqual(
    [...before.filter((id) => !hers.includes(id)), "gone-bob", "gone-laptop"].sort(),
  );
  const { body } = await platform.ask("GET", "/v1/dead-letters?include_replayed=true", { key: sk });
  expect(body.rows).toEqual([]);
  expect(await on.ledgerOf(project)).toMatchObject({ accepted: 17, stored: 12, suppressed: 5, waiting: 0 });
});

test("a visitor is forgotten with what belongs to no user; what a user owns stays", async () => {
  const project = await on.household("kiosk");
  const before = await on.eventIds(project);
  await on.send(project, [{ event: "e", event_id: "kiosk-b", anonymous_id: "kiosk-kiosk" }]);
  const kiosk = await on.done(project, await on.forget(project, { anonymous_id: "kiosk-kiosk", suppress: true }));
  expect(kiosk).toMatchObject({ subject: "visitor", removed: { events: 2 } });
  const laptop = await on.done(project, await on.forget(project, { anonymous_id: "laptop-kiosk" }));
  expect(laptop).toMatchObject({ removed: { events: 0 } });
  expect(await on.eventIds(project)).toEqual(before.filter((id) => id !== "kiosk-event-9"));
  await on.send(project, [{ event: "e", anonymous_id: "kiosk-kiosk" }]);
  expect(await on.eventIds(project)).toEqual(before.filter((id) => id !== "kiosk-event-9"));
  expect([...searchFolder(platform.dataDir, ["kiosk-kiosk", "nobody-kiosk-kiosk"]).keys()]).toEqual([]);
});

test("an export holds everything about a user, and nothing of the other one; afterwards there is nothing to export", async () => {
  const project = await on.household("export");
  await platform.ask("POST", "/v1/track", { key: project.keys.sk, body: { event: "", user_id: "alice-export" } });
  const lines = async () => {
    const { status, headers, body } = await platform.ask("GET", "/v1/users/alice-export/export", {
      key: project.keys.sk,
    });
    expect(status).toBe(200);
    expect(headers.get("content-type")).toContain("application/x-ndjson");
    return String(body)
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { kind: string; event_id?: string; suppressed?: boolean });
  };
  const before = await lines();
  const ofKind = (kind: string) => before.filter((line) => line.kind === kind);
  expect(ofKind("event").map(({ event_id }) => event_id)).toEqual(
    [0, 1, 5, 7, 6].map((index) => `export-event-${index}`),
  );
  expect(ofKind("link").length).toBe(2);
  expect(ofKind("dead_letter").length).toBe(1);
  expect(JSON.stringify(before)).toContain("alice@export.example");
  expect(JSON.stringify(before)).not.toContain("bob");
  await on.forget(project, { user_id: "alice-export", suppress: true });
  expect(await lines()).toEqual([{ kind: "user", user_id: "alice-export", suppressed: true }]);
});

test("only an sk key may forget or export, only within its project, and only somebody", async () => {
  const mine = await on.household("mine");
  const theirs = await platform.project("theirs", ["https://theirs.example"]);
  const origin = { origin: "https://theirs.example" };
  const body = { user_id: "alice-mine" };
  const answers = [
    ["POST", "/v1/forget", { key: mine.keys.rk, body }, 403, "forget_requires_secret_key"],
    ["POST", "/v1/forget", { key: theirs.keys.pk, headers: origin, body }, 403, "forget_requires_secret_key"],
    ["POST", "/v1/forget", { key: mine.keys.pk, body }, 403, "forget_requires_secret_key"],
    ["POST", "/v1/forget", { body }, 401, "missing_bearer_token"],
    ["GET", "/v1/users/alice-mine/export", { key: mine.keys.rk }, 403, "forget_requires_secret_key"],
    ["POST", "/v1/forget", { key: mine.keys.sk, body: {} }, 400, "invalid_payload"],
    ["POST", "/v1/forget", { key: mine.keys.sk, body: { ...body, anonymous_id: "a" } }, 400, "invalid_payload"],
    ["POST", "/v1/forget", { key: mine.keys.sk, body: { user_id: "undefined" } }, 400, "invalid_id"],
    ["POST", "/v1/forget", { key: mine.keys.sk, body: { user_id: "\ud800" } }, 400, "invalid_id"],
    ["POST", "/v1/forget", { key: mine.keys.sk, body: { user_id: "x".repeat(257) } }, 400, "invalid_payload"],
    ["GET", "/v1/forget/none", { key: mine.keys.sk }, 404, "not_found"],
  ] as const;
  for (const [method, path, options, status, error] of answers) {
    const answer = await platform.ask(method, path, options);
    expect([answer.status, answer.body.error], path).toEqual([status, error]);
  }
  const before = await on.eventIds(mine);
  const request = await on.forget(theirs, body);
  await on.done(theirs, request);
  expect(await on.eventIds(mine)).toEqual(before);
  expect((await platform.ask("GET", `/v1/forget/${request}`, { key: mine.keys.sk })).status).toBe(404);
  expect((await platform.ask("GET", "/v1/users/alice-mine/export", { key: theirs.keys.sk })).body).toBe(
    `${JSON.stringify({ kind: "user", user_id: "alice-mine", suppressed: false })}\n`,
  );
});
