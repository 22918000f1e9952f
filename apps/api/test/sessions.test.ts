import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

let platform: TestPlatform;
let project: TestProject;
const at = (time: string) => `2026-03-01T${time}:00.000Z`;

beforeAll(async () => {
  platform = await startPlatform();
  project = await platform.project();
  const shop = "https://shop.example";
  const visit = [
    {
      event: "$pageview",
      timestamp: at("13:50"),
      url: `${shop}/?utm_source=facebook&utm_medium=cpc&utm_campaign=spring`,
    },
    { event: "$pageview", timestamp: at("14:05"), url: `${shop}/cart`, referrer: `${shop}/` },
    { event: "paid", timestamp: at("14:20"), url: `${shop}/thanks`, referrer: "https://checkout.stripe.com/" },
    { event: "signup", timestamp: at("14:35"), user_id: "user_42" },
    { event: "$pageview", timestamp: at("18:00"), url: `${shop}/`, referrer: "https://www.google.com/" },
  ].map((event) => ({ ...event, anonymous_id: "a" }));
  await platform.ask("POST", "/v1/batch", { key: project.keys.sk, body: { events: visit } });
});
afterAll(() => platform.close());

const read = (params: string) =>
  platform.ask("GET", `/v1/sessions?from=2026-03-01&to=2026-03-02${params}`, { key: project.keys.rk });

test("the return from a payment page keeps the ad's credit, and the next visit has its own source", async () => {
  const { status, body } = await read("");
  expect(status).toBe(200);
  expect(body.rows).toMatchObject([
    { source: "google", medium: "organic", events: 1, is_bounce: true, user_id: "user_42" },
    {
      source: "facebook",
      medium: "paid",
      campaign: "spring",
      channel: "Paid Social",
      started_at: at("13:50"),
      ended_at: at("14:35"),
      duration_s: 2700,
      events: 4,
      pageviews: 2,
      entry_path: "/",
      exit_path: "/thanks",
      user_id: "user_42",
      is_bounce: false,
    },
  ]);
});

test("filters by entry and by person, and pages", async () => {
  expect((await read("&source=facebook&source=bing")).body.rows).toHaveLength(1);
  expect((await read("&channel=Email")).body.rows).toEqual([]);
  expect((await read("&user_id=somebody")).body.rows).toEqual([]);
  expect((await read("&anonymous_id=a&user_id=user_42")).body.rows).toHaveLength(2);
  const first = await read("&limit=1");
  const second = await read(`&limit=1&cursor=${first.body.next_cursor}`);
  expect([first, second].map(({ body }) => body.rows[0].source)).toEqual(["google", "facebook"]);
  expect(second.body.next_cursor).toBeUndefined();
});

test("another project sees none of them, and a rule that would count them twice is refused", async () => {
  const other = await platform.project("other");
  const { body } = await platform.ask("GET", "/v1/sessions?from=2026-03-01&anonymous_id=a", { key: other.keys.rk });
  expect(body.rows).toEqual([]);
  expect((await read("&stitch=all_devices")).body.error).toBe("invalid_params");
});
