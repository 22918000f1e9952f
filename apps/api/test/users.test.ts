import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

let platform: TestPlatform;
let project: TestProject;
const shop = "https://shop.example";
const at = (time: string) => `2026-03-${time}:00.000Z`;

beforeAll(async () => {
  platform = await startPlatform();
  project = await platform.project();
  const { sk } = project.keys;
  const events = [
    {
      event: "$pageview",
      anonymous_id: "phone",
      timestamp: at("01T14:00"),
      url: `${shop}/?utm_source=facebook&utm_medium=cpc`,
    },
    // The browser sends where it was; that is no trait.
    {
      event: "$identify",
      anonymous_id: "phone",
      user_id: "user_42",
      timestamp: at("01T14:05"),
      url: `${shop}/?utm_source=facebook&utm_medium=cpc`,
      properties: { plan: "free", name: "Ada" },
    },
    {
      event: "$pageview",
      anonymous_id: "laptop",
      timestamp: at("05T09:00"),
      url: `${shop}/`,
      referrer: "https://www.google.com/",
    },
    { event: "login", anonymous_id: "laptop", user_id: "user_42", timestamp: at("05T09:01") },
    { event: "$pageview", anonymous_id: "laptop", timestamp: at("05T09:10"), url: `${shop}/a`, referrer: `${shop}/` },
    { event: "invoice_paid", user_id: "user_42", timestamp: at("20T00:00") },
    { event: "invoice_paid", user_id: "only_billed", timestamp: at("20T00:00") },
    { event: "$pageview", anonymous_id: "stranger", timestamp: at("06T00:00"), url: `${shop}/` },
  ];
  await platform.ask("POST", "/v1/batch", { key: sk, body: { events } });
  const traits = { plan: "pro", seats: 3 };
  await platform.ask("POST", "/v1/identify", {
    key: sk,
    body: { anonymous_id: "laptop", user_id: "user_42", traits, timestamp: at("05T09:02") },
  });
});
afterAll(() => platform.close());

const read = (path: string, key = project.keys.rk) => platform.ask("GET", path, { key });

const profile = {
  user_id: "user_42",
  traits: { plan: "pro", name: "Ada", seats: 3 },
  devices: ["phone", "laptop"],
  device_count: 2,
  first_seen_at: at("01T14:00"),
  last_seen_at: at("20T00:00"),
  events: 7,
  first_touch: { source: "facebook", medium: "paid", campaign: "", channel: "Paid Social", at: at("01T14:00") },
  last_touch: { source: "google", medium: "organic", campaign: "", channel: "Organic Search", at: at("05T09:00") },
};

test("a profile has the latest of each trait, all devices, and where the user came from first and last", async () => {
  const { status, body } = await read("/v1/users/user_42");
  expect(status).toBe(200);
  expect(body).toMatchObject(profile);
  expect(Object.keys(body.traits).sort()).toEqual(["name", "plan", "seats"]);
  const billed = (await read("/v1/users/only_billed")).body;
  expect(billed).toMatchObject({ devices: [], traits: {}, last_touch: null, first_touch: { source: "direct" } });
});

test("nobody's profile is 404, and so is one of another project", async () => {
  expect((await read("/v1/users/stranger")).body.error).toBe("not_found");
  const other = await platform.project("other");
  expect((await read("/v1/users/user_42", other.keys.rk)).status).toBe(404);
});

test("lists the users seen in the range, by page and by first touch", async () => {
  const march = "from=2026-03-01&to=2026-04-01";
  const { body } = await read(`/v1/users?${march}`);
  expect(body.rows).toMatchObject([{ user_id: "only_billed" }, profile]);
  const first = (await read(`/v1/users?${march}&limit=1`)).body;
  const second = (await read(`/v1/users?${march}&limit=1&cursor=${first.next_cursor}`)).body;
  expect([first, second].map(({ rows }) => rows[0].user_id)).toEqual(["only_billed", "user_42"]);
  expect(second.next_cursor).toBeUndefined();
  expect((await read(`/v1/users?${march}&source=facebook&channel=Email`)).body.rows).toEqual([]);
  expect((await read(`/v1/users?${march}&source=facebook`)).body.rows).toMatchObject([{ user_id: "user_42" }]);
  // As of the end of the range.
  expect((await read("/v1/users?from=2026-03-01&to=2026-03-02")).body.rows).toMatchObject([
    { user_id: "user_42", traits: { plan: "free", name: "Ada" }, last_seen_at: at("01T14:05"), events: 2 },
  ]);
  expect((await read("/v1/users?from=2026-03-10&to=2026-03-15")).body.rows).toEqual([]);
});

test("a withdrawn link takes the device, and what only the link gave, out of the profile at once", async () => {
  const body = { anonymous_id: "laptop", user_id: "user_42", reason: "was a colleague's" };
  expect((await platform.ask("POST", "/v1/identities/unlink", { key: project.keys.sk, body })).status).toBeLessThan(
    300,
  );
  // Ads and pages of the visitor go; what was sent as user_42 stays, the traits among it.
  expect((await read("/v1/users/user_42")).body).toMatchObject({
    devices: ["phone"],
    events: 5,
    traits: profile.traits,
    last_touch: { source: "direct", at: at("05T09:01") },
  });
  await platform.ask("POST", "/v1/identities/relink", { key: project.keys.sk, body });
  expect((await read("/v1/users/user_42")).body).toMatchObject(profile);
});
