import { afterAll, beforeAll, expect, test } from "vitest";
import { at, householdOf, householdsOn } from "./household.ts";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";
import { searchFolder } from "./search-folder.ts";

let platform: TestPlatform;
let on: ReturnType<typeof householdsOn>;
beforeAll(async () => {
  platform = await startPlatform();
  on = householdsOn(platform);
});
afterAll(() => platform.close());

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

test("from the answer on no read shows a forgotten user, and the other user of the laptop is intact to the row", async () => {
  const project = await on.household("seen");
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
  const bobBefore = await on.rowsOf(project, readsOf("bob-seen"));

  const request_id = await on.forget(project, { user_id: "alice-seen" });
  const after = await everyAnswer(project, { ...ids, request_id });
  // The id that was asked for may be repeated.
  expect([...after].filter(([, text]) => text.replaceAll("alice-seen", "").includes("alice"))).toEqual([]);
  const check = async () => {
    expect(await on.rowsOf(project, readsOf("alice-seen"))).toEqual(readsOf("alice-seen").map(() => []));
    expect(await on.rowsOf(project, readsOf("bob-seen"))).toEqual(bobBefore);
    expect(await on.eventIds(project)).toEqual([2, 3, 4, 8, 9].map((index) => `seen-event-${index}`));
  };
  await check();
  const progress = await on.done(project, request_id);
  const rows = { events: 5, dead_letters: 1, link_withdrawals: 2 };
  expect(progress).toMatchObject({ subject: "user", suppress: false, found: rows, removed: rows });
  expect(Date.parse(progress.finished_at)).toBeGreaterThanOrEqual(Date.parse(progress.requested_at));
  await check();
});

test("after the removal no byte of the person is in any file, compressed or not, and the others' are", async () => {
  const project = await on.household("bytes");
  await on.send(project, [{ event: "more", event_id: "bytes-more", anonymous_id: "kiosk-bytes" }]);
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

  await on.done(project, await on.forget(project, { user_id: "alice-bytes", suppress: true }));
  const after = searchFolder(platform.dataDir, [...theirs, ...others]);
  expect([...after.keys()].sort()).toEqual(others.sort());
});

test("a retry of a removed event is told 202 and is not stored anew; without suppress new events of the user are", async () => {
  const project = await on.household("back");
  await on.done(project, await on.forget(project, { user_id: "alice-back" }));
  await on.send(project, householdOf("back"));
  expect(await on.eventIds(project)).toEqual([2, 3, 4, 8, 9].map((index) => `back-event-${index}`));
  await on.send(project, [{ event: "signup", event_id: "back-new", user_id: "alice-back", timestamp: at(50) }]);
  expect(await on.eventIds(project)).toContain("back-new");
  const { accepted, stored, duplicate, suppressed, waiting, removed } = await on.ledgerOf(project);
  expect({ accepted, stored, duplicate, suppressed, waiting, removed }).toEqual({
    accepted: 21,
    stored: 11,
    duplicate: 10,
    suppressed: 0,
    waiting: 0,
    removed: 5,
  });
});
