import { userHash } from "@millimetric/track-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminToken, startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

// What somebody can do who has nothing but the pk key of a page, with curl and a forged Origin: as docs/architecture/identity.md tells.
const shop = "https://shop.example";
const on = (day: number) => `2026-03-0${day}T12:00:00Z`;

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

/** Alice's visit and sign-in, told by the shop's server and her own browser. */
async function shopWith(verified_identify: boolean): Promise<TestProject> {
  const project = await platform.project("shop", [shop]);
  const admin = { key: adminToken };
  const path = `/admin/v1/projects/${project.project_id}`;
  const { body } = await platform.ask("POST", `${path}/identity-secrets`, { ...admin, body: {} });
  await platform.ask("PATCH", path, { ...admin, body: { settings: { verified_identify } } });
  const user = { user_id: "alice", user_hash: userHash("alice", body.secret) };
  const events = [
    { event: "$pageview", timestamp: on(2), url: "https://shop.example/?utm_source=newsletter&utm_medium=email" },
    { event: "$identify", timestamp: on(3), ...user, properties: { email: "alice@shop.example" } },
    { event: "$pageview", timestamp: on(4) },
  ].map((event, at) => ({ event_id: `alice-${at}`, anonymous_id: "alice's laptop", ...event }));
  const { status } = await attack(project, "/v1/batch", { events });
  expect(status).toBe(202);
  return project;
}

/** From outside of any browser, where an Origin is what one likes. */
const attack = ({ keys }: TestProject, path: string, body: unknown) =>
  platform.ask("POST", path, { key: keys.pk, headers: { origin: shop, "user-agent": "curl/8" }, body });

const read = async ({ keys }: TestProject, path: string) => (await platform.ask("GET", path, { key: keys.rk })).body;
const journeyOf = async (project: TestProject) =>
  (await read(project, "/v1/users/alice/journey")).rows.map(({ event_id }: { event_id: string }) => event_id);
const sourceOf = async (project: TestProject) =>
  (await read(project, "/v1/attribution/first-touch?user_id=alice")).rows[0].first_touch_source;

const poison = {
  event: "$pageview",
  event_id: "poison",
  timestamp: "2026-03-01T11:00:00Z",
  url: "https://shop.example/?utm_source=evil&utm_medium=cpc",
};
const attacks = {
  "another user's id": ["/v1/track", { ...poison, anonymous_id: "evil", user_id: "alice" }],
  "an identify in another user's name": ["/v1/identify", { anonymous_id: "evil", user_id: "alice", timestamp: on(1) }],
  "somebody else's anonymous_id": [
    "/v1/identify",
    { anonymous_id: "alice's laptop", user_id: "mallory", timestamp: on(5) },
  ],
} as const;

test("a forged Origin passes outside of a browser: the allow-list keeps other sites' pages out, and nobody else", async () => {
  const project = await shopWith(true);
  const event = { event: "e", anonymous_id: "anybody" };
  expect((await attack(project, "/v1/track", event)).status).toBe(202);
  const { status } = await platform.ask("POST", "/v1/track", { key: project.keys.pk, body: event });
  expect(status).toBe(403);
});

test("verified identify off: a pk key alone can claim to be anybody, and take what nobody has claimed since", async () => {
  const project = await shopWith(false);
  expect([await journeyOf(project), await sourceOf(project)]).toEqual([
    ["alice-0", "alice-1", "alice-2"],
    "newsletter",
  ]);
  for (const [path, body] of Object.values(attacks)) expect((await attack(project, path, body)).status).toBe(202);
  // Her first touch is forged, and what comes after her last link is another's. What lies before a link of hers stays hers.
  expect(await sourceOf(project)).toBe("evil");
  expect(await journeyOf(project)).toEqual(expect.arrayContaining(["poison", "alice-0", "alice-1"]));
  expect(await journeyOf(project)).not.toContain("alice-2");

  // It can be undone, link by link, without touching what was stored.
  const unlink = { anonymous_id: "alice's laptop", user_id: "mallory", reason: "poisoned" };
  await platform.ask("POST", "/v1/identities/unlink", { key: project.keys.sk, body: unlink });
  expect(await journeyOf(project)).toContain("alice-2");
});

test.each(Object.keys(attacks) as (keyof typeof attacks)[])(
  "verified identify on: %s is 403 and changes nothing",
  async (name) => {
    const project = await shopWith(true);
    const [path, body] = attacks[name];
    const answer = await attack(project, path, body);
    expect([answer.status, answer.body.error]).toEqual([403, "identity_not_verified"]);
    expect([await journeyOf(project), await sourceOf(project)]).toEqual([
      ["alice-0", "alice-1", "alice-2"],
      "newsletter",
    ]);
  },
);

test("a flood of identifies shows as a shared device while verified identify is off, and is 403 with it on", async () => {
  const flood = Array.from({ length: 500 }, (_, n) => ({
    event: "$identify",
    anonymous_id: "alice's laptop",
    user_id: `flood-${n}`,
    timestamp: on(5),
  }));
  const open = await shopWith(false);
  expect((await attack(open, "/v1/batch", { events: flood })).status).toBe(202);
  expect((await read(open, "/v1/identities/shared")).rows).toMatchObject([
    { anonymous_id: "alice's laptop", user_count: 501 },
  ]);
  // What came before her own link is hers all the same.
  expect(await journeyOf(open)).toEqual(["alice-0", "alice-1"]);

  const closed = await shopWith(true);
  const { status, body } = await attack(closed, "/v1/batch", { events: flood });
  expect([status, body.error, body.details.rejected.length]).toEqual([403, "identity_not_verified", 500]);
  expect((await read(closed, "/v1/identities/shared?least=2")).rows).toEqual([]);
  expect(await journeyOf(closed)).toEqual(["alice-0", "alice-1", "alice-2"]);
});
