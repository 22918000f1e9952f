import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";
import { searchFolder } from "./search-folder.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

/** A household: one laptop that two people use, and a phone of each. */
async function household(name: string): Promise<TestProject> {
  const project = await platform.project(name);
  await send(project, householdOf(name));
  return project;
}

const at = (day: number, hour = 0) => new Date(Date.UTC(2026, 2, day, hour)).toISOString();

function householdOf(name: string) {
  const alice = { user_id: `alice-${name}` };
  const bob = { user_id: `bob-${name}` };
  const laptop = { anonymous_id: `laptop-${name}` };
  const page = (who: string, path: string) => ({
    event: "$pageview",
    url: `https://shop.example/${who}-${path}-${name}?utm_source=news&utm_campaign=${who}-campaign-${name}`,
    title: `${who} title ${name}`,
  });
  const identify = (who: object, person: string) => ({
    event: "$identify",
    ...who,
    properties: { email: `${person}@${name}.example` },
  });
  return [
    // Alice's by the next link, then Bob's, then Bob's by the last link.
    { ...page("alice", "before"), ...laptop, timestamp: at(1) },
    { ...identify({ ...laptop, ...alice }, "alice"), timestamp: at(2) },
    { ...page("bob", "between"), ...laptop, timestamp: at(3) },
    { ...identify({ ...laptop, ...bob }, "bob"), timestamp: at(4) },
    { ...page("bob", "after"), ...laptop, timestamp: at(5) },
    { ...page("alice", "phone"), anonymous_id: `alice-phone-${name}`, timestamp: at(6) },
    { ...identify({ anonymous_id: `alice-phone-${name}`, ...alice }, "alice"), timestamp: at(40) },
    { ...page("alice", "server"), ...alice, timestamp: at(8) },
    { ...page("bob", "phone"), anonymous_id: `bob-phone-${name}`, ...bob, timestamp: at(9) },
    { ...page("nobody", "kiosk"), anonymous_id: `kiosk-${name}`, timestamp: at(10) },
  ].map((event, index) => ({ event_id: `${name}-event-${index}`, ...event }));
}

async function send({ keys }: TestProject, events: readonly object[]) {
  const { status, body } = await platform.ask("POST", "/v1/batch", { key: keys.sk, body: { events } });
  expect(status).toBe(202);
  return body;
}

async function forget({ keys }: TestProject, body: object): Promise<string> {
  const answer = await platform.ask("POST", "/v1/forget", { key: keys.sk, body });
  expect(answer.body).toEqual({ ok: true, queued: true, request_id: expect.any(String) });
  expect(answer.status).toBe(202);
  return answer.body.request_id;
}

async function done({ keys }: TestProject, request_id: string) {
  const progress = async () => (await platform.ask("GET", `/v1/forget/${request_id}`, { key: keys.sk })).body;
  await vi.waitFor(async () => expect(await progress()).toMatchObject({ state: "done" }), {
    timeout: 120_000,
    interval: 100,
  });
  return progress();
}

interface OpenApi {
  paths: Record<string, { get?: { parameters?: { name: string; in: string; required?: boolean }[] } }>;
}

/** What a read needs to be told, whichever read it is. */
const told: Record<string, string> = {
  from: "2026-01-01",
  to: "2027-01-01",
  limit: "1000",
  events: "$pageview",
  event: "$pageview",
  steps: "$pageview",
  metric: "count",
  models: "first_touch",
  include_replayed: "true",
};

/** Every answer to a GET of the OpenAPI document, about a person where a path asks for one. */
async function everyAnswer({ keys, project_id }: TestProject, ids: Record<string, string>) {
  const { body } = (await platform.ask("GET", "/openapi.json")) as { body: OpenApi };
  const asked = Object.entries(body.paths).flatMap(([template, { get }]) => {
    if (get === undefined || template.startsWith("/admin/") || template.startsWith("/segment/")) return [];
    const path = template.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(ids[name] ?? project_id));
    const query = new URLSearchParams();
    for (const { name, in: where } of get.parameters ?? []) {
      const value = ids[name] ?? told[name];
      // Who is asked for leaves the others out; only the path may say it.
      if (where === "query" && value !== undefined && (name === "event_id" || !(name in ids))) query.set(name, value);
    }
    return [`${path}?${query}`];
  });
  for (const group of ["campaign", "path"])
    asked.push(`/v1/stats?metric=count&group_by=${group}&from=2026-01-01&to=2027-01-01`);
  return new Map(
    await Promise.all(
      asked.map(async (path): Promise<[string, string]> => {
        const answer = await platform.ask("GET", path, { key: keys.sk });
        expect([200, 404], `${path}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
        return [path, typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body)];
      }),
    ),
  );
}

const readsOf = (user: string) => [
  `/v1/users/${user}/journey?limit=1000`,
  `/v1/attribution/first-touch?user_id=${user}`,
  `/v1/conversions?events=$pageview&user_id=${user}`,
  `/v1/devices?user_id=${user}`,
  `/v1/sessions?user_id=${user}&from=2026-01-01&to=2027-01-01`,
  `/v1/query?user_id=${user}&from=2026-01-01&to=2027-01-01`,
];

async function rowsOf({ keys }: TestProject, paths: readonly string[]): Promise<unknown[]> {
  const answers = await Promise.all(paths.map((path) => platform.ask("GET", path, { key: keys.rk })));
  for (const { status } of answers) expect(status).toBe(200);
  return answers.map(({ body }) => body.rows);
}

async function eventIds(project: TestProject): Promise<string[]> {
  const [rows] = await rowsOf(project, ["/v1/query?from=2026-01-01&to=2027-01-01&limit=1000"]);
  return (rows as { event_id: string }[]).map(({ event_id }) => event_id).sort();
}

async function ledgerOf({ keys }: TestProject) {
  const { body } = await platform.ask("GET", "/v1/receipts?limit=1000", { key: keys.rk });
  const sum = (name: string) =>
    body.rows.reduce((total: number, row: Record<string, number>) => total + (row[name] ?? 0), 0);
  const names = ["received", "accepted", "stored", "duplicate", "suppressed", "dead", "waiting", "removed"] as const;
  return Object.fromEntries(names.map((name) => [name, sum(name)])) as Record<(typeof names)[number], number>;
}

test("from the answer on no read shows a forgotten user, and the other user of the laptop is intact to the row", async () => {
  const project = await household("seen");
  // A refused event, and a call that no event was made of.
  const refused = { event: "", user_id: "alice-seen", anonymous_id: "alice-phone-seen" };
  await platform.ask("POST", "/v1/track", { key: project.keys.sk, body: refused });
  const bobs = { event: "", user_id: "bob-seen", anonymous_id: "laptop-seen" };
  await platform.ask("POST", "/v1/track", { key: project.keys.sk, body: bobs });
  for (const change of ["unlink", "relink"]) {
    const link = { anonymous_id: "laptop-seen", user_id: "alice-seen", reason: `alice wants to ${change}` };
    const path = `/v1/identities/${change}`;
    expect((await platform.ask("POST", path, { key: project.keys.sk, body: link })).status).toBeLessThan(300);
  }
  const ids = { user_id: "alice-seen", event_id: "seen-event-0", request_id: "none" };
  const before = await everyAnswer(project, ids);
  expect([...before.values()].filter((text) => text.includes("alice")).length).toBeGreaterThan(8);
  const bobBefore = await rowsOf(project, readsOf("bob-seen"));

  const request_id = await forget(project, { user_id: "alice-seen" });
  const after = await everyAnswer(project, { ...ids, request_id });
  // The id that was asked for may be repeated.
  expect([...after].filter(([, text]) => text.replaceAll("alice-seen", "").includes("alice"))).toEqual([]);
  const check = async () => {
    expect(await rowsOf(project, readsOf("alice-seen"))).toEqual(readsOf("alice-seen").map(() => []));
    expect(await rowsOf(project, readsOf("bob-seen"))).toEqual(bobBefore);
    expect(await eventIds(project)).toEqual([2, 3, 4, 8, 9].map((index) => `seen-event-${index}`));
  };
  await check();
  const progress = await done(project, request_id);
  const rows = { events: 5, dead_letters: 1, link_withdrawals: 2 };
  expect(progress).toMatchObject({ subject: "user", suppress: false, found: rows, removed: rows });
  expect(Date.parse(progress.finished_at)).toBeGreaterThanOrEqual(Date.parse(progress.requested_at));
  await check();
});

test("after the removal no byte of the person is in any file, compressed or not, and the others' are", async () => {
  const project = await household("bytes");
  await send(project, [{ event: "more", event_id: "bytes-more", anonymous_id: "kiosk-bytes" }]);
  await platform.ask("POST", "/v1/track", {
    key: project.keys.sk,
    body: { event: "", user_id: "alice-bytes", properties: { email: "alice@bytes.example" } },
  });
  await platform.ask("GET", "/v1/dead-letters", { key: project.keys.sk });
  const theirs = [
    "alice-bytes",
    "alice@bytes.example",
    "alice-phone-bytes",
    "https://shop.example/alice-before-bytes",
    "/alice-server-bytes",
    "alice title bytes",
    "alice-campaign-bytes",
    "bytes-event-0",
    "bytes-event-7",
  ];
  const others = [
    "bob-bytes",
    "bob@bytes.example",
    "https://shop.example/bob-between-bytes",
    "bob-campaign-bytes",
    "bytes-event-2",
  ];
  const before = searchFolder(platform.dataDir, [...theirs, ...others]);
  expect([...before.keys()].sort()).toEqual([...theirs, ...others].sort());

  await done(project, await forget(project, { user_id: "alice-bytes", suppress: true }));
  const after = searchFolder(platform.dataDir, [...theirs, ...others]);
  expect([...after.keys()].sort()).toEqual(others.sort());
});

test("a retry of a removed event is told 202 and is not stored anew; without suppress new events of the user are", async () => {
  const project = await household("back");
  await done(project, await forget(project, { user_id: "alice-back" }));
  await send(project, householdOf("back"));
  expect(await eventIds(project)).toEqual([2, 3, 4, 8, 9].map((index) => `back-event-${index}`));
  await send(project, [{ event: "signup", event_id: "back-new", user_id: "alice-back", timestamp: at(50) }]);
  expect(await eventIds(project)).toContain("back-new");
  const { accepted, stored, duplicate, suppressed, waiting, removed } = await ledgerOf(project);
  expect({ accepted, stored, duplicate, suppressed, waiting, removed }).toEqual({
    accepted: 21,
    stored: 11,
    duplicate: 10,
    suppressed: 0,
    waiting: 0,
    removed: 5,
  });
});

test("with suppress later events of the user are answered 202, counted, and kept nowhere, whatever way they come", async () => {
  const project = await household("gone");
  const { sk } = project.keys;
  // Refused for its name, kept, and replayed after the request.
  const letter = { event: "", event_id: "gone-letter", user_id: "alice-gone" };
  await platform.ask("POST", "/v1/track", { key: sk, body: letter });
  const before = await eventIds(project);
  await forget(project, { user_id: "alice-gone", suppress: true });
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
  await send(project, [{ event: "e", event_id: "gone-laptop", anonymous_id: "laptop-gone" }]);
  const hers = [0, 1, 5, 6, 7].map((index) => `gone-event-${index}`);
  expect(await eventIds(project)).toEqual(
    [...before.filter((id) => !hers.includes(id)), "gone-bob", "gone-laptop"].sort(),
  );
  const { body } = await platform.ask("GET", "/v1/dead-letters?include_replayed=true", { key: sk });
  expect(body.rows).toEqual([]);
  expect(await ledgerOf(project)).toMatchObject({ accepted: 17, stored: 12, suppressed: 5, waiting: 0 });
});

test("a visitor is forgotten with what belongs to no user; what a user owns stays", async () => {
  const project = await household("kiosk");
  const before = await eventIds(project);
  await send(project, [{ event: "e", event_id: "kiosk-b", anonymous_id: "kiosk-kiosk" }]);
  const kiosk = await done(project, await forget(project, { anonymous_id: "kiosk-kiosk", suppress: true }));
  expect(kiosk).toMatchObject({ subject: "visitor", removed: { events: 2 } });
  const laptop = await done(project, await forget(project, { anonymous_id: "laptop-kiosk" }));
  expect(laptop).toMatchObject({ removed: { events: 0 } });
  expect(await eventIds(project)).toEqual(before.filter((id) => id !== "kiosk-event-9"));
  await send(project, [{ event: "e", anonymous_id: "kiosk-kiosk" }]);
  expect(await eventIds(project)).toEqual(before.filter((id) => id !== "kiosk-event-9"));
  expect([...searchFolder(platform.dataDir, ["kiosk-kiosk", "nobody-kiosk-kiosk"]).keys()]).toEqual([]);
});

test("an export holds everything about a user, and nothing of the other one; afterwards there is nothing to export", async () => {
  const project = await household("export");
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
  await forget(project, { user_id: "alice-export", suppress: true });
  expect(await lines()).toEqual([{ kind: "user", user_id: "alice-export", suppressed: true }]);
});

test("only an sk key may forget or export, only within its project, and only somebody", async () => {
  const mine = await household("mine");
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
  const before = await eventIds(mine);
  const request = await forget(theirs, body);
  await done(theirs, request);
  expect(await eventIds(mine)).toEqual(before);
  expect((await platform.ask("GET", `/v1/forget/${request}`, { key: mine.keys.sk })).status).toBe(404);
  expect((await platform.ask("GET", "/v1/users/alice-mine/export", { key: theirs.keys.sk })).body).toBe(
    `${JSON.stringify({ kind: "user", user_id: "alice-mine", suppressed: false })}\n`,
  );
});
