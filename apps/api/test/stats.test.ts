import { afterAll, beforeAll, expect, test } from "vitest";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

let platform: TestPlatform;
let project: TestProject;
beforeAll(async () => {
  platform = await startPlatform();
  project = await platform.project();
  const shop = "https://shop.example/";
  const visit = (day: number, anonymous_id: string, url: string) => ({
    event: "$pageview",
    anonymous_id,
    url,
    timestamp: `2026-03-0${day}T10:00:00Z`,
  });
  const events = [
    visit(1, "a", `${shop}?utm_source=facebook&utm_medium=cpc`),
    visit(1, "b", `${shop}?gclid=x`),
    visit(3, "a", shop),
    { event: "signup", anonymous_id: "a", user_id: "user_42", timestamp: "2026-03-03T10:05:00Z" },
  ];
  await platform.ask("POST", "/v1/batch", { key: project.keys.sk, body: { events } });
});
afterAll(() => platform.close());

const range = "from=2026-03-01&to=2026-03-04";
async function read(params: string) {
  const { status, body } = await platform.ask("GET", `/v1/stats?${range}&${params}`, { key: project.keys.rk });
  expect(status, JSON.stringify(body)).toBe(200);
  return body.rows;
}
const values = async (params: string) => (await read(params)).map(({ value }: { value: number }) => value);

test("counts events, people, users and sessions per day, with zeros", async () => {
  expect(await values("interval=day")).toEqual([2, 0, 2]);
  expect(await values("interval=day&metric=uniques")).toEqual([2, 0, 1]);
  expect(await values("interval=day&metric=users")).toEqual([1, 0, 1]);
  expect(await values("interval=day&metric=sessions")).toEqual([2, 0, 1]);
  expect(await values("metric=count&event=signup")).toEqual([1]);
});

test("groups by several columns, the largest first", async () => {
  expect(await read("group_by=source&group_by=medium")).toMatchObject([
    { source: "direct", medium: "direct", value: 2 },
    { source: "facebook", medium: "paid", value: 1 },
    { source: "google", medium: "paid", value: 1 },
  ]);
  expect(await read("metric=sessions&group_by=source&medium=paid")).toMatchObject([
    { source: "facebook", value: 1 },
    { source: "google", value: 1 },
  ]);
});

test.each([
  "timezone=Mars/Olympus",
  "timezone='",
  "metric=sessions&group_by=browser",
  "interval=hour&from=2000-01-01",
  "group_by=password",
])("refuses what cannot be answered: %s", async (params) => {
  const { status, body } = await platform.ask("GET", `/v1/stats?to=2026-03-04&${params}`, { key: project.keys.rk });
  expect([status, body.error]).toEqual([400, "invalid_params"]);
});
