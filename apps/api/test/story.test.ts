import { Millimetric } from "@millimetric/track-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const day = (n: number, time: string) => `2026-03-${String(n).padStart(2, "0")}T${time}:00.000Z`;
const range = "from=2026-03-01&to=2026-04-01";

const ad = "https://shop.example/?utm_source=facebook&utm_medium=cpc&utm_campaign=spring&fbclid=IwAR1";

/** The timeline of SPEC 2, for one visitor and user. */
const timeline = (anonymous_id: string, user_id: string) => [
  { event: "$pageview", anonymous_id, timestamp: day(1, "14:00"), url: ad },
  { event: "clicked_pricing", anonymous_id, timestamp: day(1, "14:02"), url: ad },
  { event: "$pageview", anonymous_id, timestamp: day(5, "09:30"), url: "https://shop.example/" },
  { event: "$identify", anonymous_id, user_id, timestamp: day(7, "11:14") },
  { event: "signup", anonymous_id, user_id, timestamp: day(7, "11:14") },
  { event: "feature_used", anonymous_id, user_id, timestamp: day(9, "16:22") },
];

async function send({ keys }: TestProject, event: object): Promise<void> {
  const { status, body } = await platform.ask("POST", "/v1/track", { key: keys.sk, body: event });
  expect(body).toMatchObject({ ok: true, event_id: expect.any(String) });
  expect(status).toBe(202);
}

async function read({ keys }: TestProject, path: string) {
  const { status, body } = await platform.ask("GET", path, { key: keys.rk });
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

test("credits the signup of day 7 to the ad that the anonymous visitor clicked on day 1", async () => {
  const project = await platform.project();
  for (const event of timeline("u_abc", "user_42")) await send(project, event);

  const touch = await read(project, `/v1/attribution/first-touch?${range}`);
  expect(touch.rows).toEqual([
    {
      user_id: "user_42",
      first_touch_source: "facebook",
      first_touch_medium: "paid",
      first_touch_campaign: "spring",
      first_touch_channel: "Paid Social",
      first_seen_at: day(1, "14:00"),
    },
  ]);

  const conversions = await read(project, `/v1/conversions?events=signup,completed_checkout&${range}`);
  expect(conversions.rows).toEqual([
    {
      user_id: "user_42",
      first_seen_at: day(1, "14:00"),
      reached: { signup: { at: day(7, "11:14"), hours: 141 }, completed_checkout: { at: null, hours: null } },
    },
  ]);
  expect(conversions.summary.users).toBe(1);
  expect(conversions.summary.events.completed_checkout.hours.p50).toBeNull();

  const before = await read(project, "/v1/users/user_42/journey?phase=before_identify");
  expect(before.rows.map(({ event_name }: { event_name: string }) => event_name)).toEqual([
    "$pageview",
    "clicked_pricing",
    "$pageview",
  ]);
  const journey = await read(project, "/v1/users/user_42/journey");
  expect(journey.rows.map((row: Record<string, string>) => [row["timestamp"], row["source"], row["medium"]])).toEqual([
    [day(1, "14:00"), "facebook", "paid"],
    [day(1, "14:02"), "facebook", "paid"],
    [day(5, "09:30"), "direct", "direct"],
    [day(7, "11:14"), "direct", "direct"],
    [day(7, "11:14"), "direct", "direct"],
    [day(9, "16:22"), "direct", "direct"],
  ]);
});

test("the same over the Node SDK: the server threads the visitor's id from the cookie", async () => {
  const project = await platform.project();
  const mm = new Millimetric({ key: project.keys.sk, host: platform.url });
  for (const event of timeline("u_sdk", "user_sdk")) {
    if (event.event === "$identify")
      mm.identify({ anonymous_id: "u_sdk", user_id: "user_sdk", timestamp: event.timestamp, traits: { plan: "pro" } });
    else mm.track(event);
  }
  expect(await mm.close()).toEqual({ accepted: 6, rejected: 0, dropped: 0, pending: 0 });

  const touch = await read(project, `/v1/attribution/first-touch?${range}`);
  expect(touch.rows).toMatchObject([
    { user_id: "user_sdk", first_touch_source: "facebook", first_touch_medium: "paid", first_seen_at: day(1, "14:00") },
  ]);
  const conversions = await read(project, `/v1/conversions?events=signup&${range}`);
  expect(conversions.rows).toMatchObject([{ reached: { signup: { hours: 141 } } }]);
  const before = await read(project, "/v1/users/user_sdk/journey?phase=before_identify");
  expect(before.rows).toHaveLength(3);
});

test("rows sent before identify keep user_id NULL for ever", async () => {
  const project = await platform.project();
  for (const event of timeline("u_abc", "user_42")) await send(project, event);
  const rows = await platform.clickhouse.query<{ timestamp: string; user_id: string | null }>(
    "SELECT timestamp, user_id FROM events WHERE project_id = {project_id:String} ORDER BY timestamp",
    { project_id: project.project_id },
  );
  expect(rows.map(({ user_id }) => user_id)).toEqual([null, null, null, "user_42", "user_42", "user_42"]);
});

test("a second device that identifies as the user joins the same user", async () => {
  const project = await platform.project();
  for (const event of timeline("u_abc", "user_42")) await send(project, event);
  await send(project, { event: "$pageview", anonymous_id: "u_phone", timestamp: day(8, "08:00"), url: ad });
  const { status } = await platform.ask("POST", "/v1/identify", {
    key: project.keys.sk,
    body: { anonymous_id: "u_phone", user_id: "user_42", timestamp: day(8, "08:05"), traits: { plan: "pro" } },
  });
  expect(status).toBe(202);

  const { rows } = await read(project, `/v1/devices?${range}`);
  expect(rows).toEqual([{ user_id: "user_42", devices: ["u_abc", "u_phone"], device_count: 2 }]);
  const journey = await read(project, "/v1/users/user_42/journey");
  expect(journey.rows).toHaveLength(8);
  const touch = await read(project, `/v1/attribution/first-touch?group_by=source&${range}`);
  expect(touch.rows).toEqual([
    { users: 1, first_touch_source: "facebook", first_touch_medium: "paid", first_touch_campaign: "spring" },
  ]);
});

/** Every order of some items. */
function orders<T>(items: readonly T[]): T[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, at) => orders(items.filter((_, other) => other !== at)).map((rest) => [item, ...rest]));
}

test("the answers are the same in each of the 720 arrival orders of the six events", async () => {
  const project = await platform.project();
  // One visitor and user per order; the nth events of all orders arrive together.
  const all = orders([0, 1, 2, 3, 4, 5]).map((order, index) => {
    const events = timeline(`anon-${index}`, `user-${index}`);
    return order.map((at) => events[at]);
  });
  for (const step of [0, 1, 2, 3, 4, 5]) {
    const body = { events: all.map((events) => events[step]) };
    const { body: answer } = await platform.ask("POST", "/v1/batch", { key: project.keys.sk, body });
    expect(answer).toEqual({ ok: true, accepted: 720, rejected: [] });
  }
  const touch = await read(project, `/v1/attribution/first-touch?limit=1000&${range}`);
  expect(touch.rows).toHaveLength(720);
  for (const row of touch.rows)
    expect(row).toMatchObject({
      first_touch_source: "facebook",
      first_touch_medium: "paid",
      first_seen_at: day(1, "14:00"),
    });
  const conversions = await read(project, `/v1/conversions?events=signup&limit=1000&${range}`);
  expect(conversions.rows).toHaveLength(720);
  for (const row of conversions.rows) expect(row.reached.signup.hours).toBe(141);
  const before = await read(project, "/v1/users/user-719/journey?phase=before_identify");
  expect(before.rows).toHaveLength(3);
});
