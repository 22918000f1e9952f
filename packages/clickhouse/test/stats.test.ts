import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, type StatsParams, stats } from "../src/index.ts";
import { insertProject, type TestEvent } from "./event-rows.ts";
import { openTemporary } from "./open.ts";

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: true });
});
afterAll(() => clickhouse.close());

const stored = (events: readonly TestEvent[]) => insertProject(clickhouse, events);

const read = (project_id: string, params: Partial<StatsParams>) =>
  stats(clickhouse, {
    project_id,
    env: "live",
    from: new Date("2026-03-01T00:00:00Z"),
    to: new Date("2026-04-01T00:00:00Z"),
    metric: "count",
    timezone: "UTC",
    group_by: [],
    filters: {},
    stitch: "time_sliced",
    include_bots: false,
    limit: 100,
    ...params,
  });
const at = (time: string) => new Date(time);

test("every day of the range has its number, zero where nothing happened", async () => {
  const project = await stored([
    { event_id: "1", anonymous_id: "a", timestamp: at("2026-03-02T10:00:00Z") },
    { event_id: "2", anonymous_id: "a", timestamp: at("2026-03-02T23:59:59Z") },
    { event_id: "3", anonymous_id: "b", timestamp: at("2026-03-04T00:00:00Z") },
  ]);
  const to = at("2026-03-05T00:00:00Z");
  const rows = await read(project, { interval: "day", to });
  expect(rows).toEqual(
    [0, 2, 0, 1].map((value, day) => ({ bucket: `2026-03-0${day + 1}T00:00:00Z`, groups: [], value })),
  );
  expect((await read(project, { interval: "day", to, metric: "uniques" })).map(({ value }) => value)).toEqual([
    0, 1, 0, 1,
  ]);
  expect(await read("nobody", { interval: "week" })).toHaveLength(6);
  expect(await read(project, {})).toEqual([{ bucket: "2026-03-01T00:00:00Z", groups: [], value: 3 }]);
});

test("days of the asked time zone are 23 hours long when the clocks go forward, and 25 when they go back", async () => {
  const berlin = { interval: "day", timezone: "Europe/Berlin" } as const;
  const spring = await read("nobody", { ...berlin, from: at("2026-03-27T23:00:00Z"), to: at("2026-03-30T22:00:00Z") });
  expect(spring.map(({ bucket }) => bucket)).toEqual([
    "2026-03-27T23:00:00Z",
    "2026-03-28T23:00:00Z",
    "2026-03-29T22:00:00Z",
  ]);
  const autumn = await read("nobody", { ...berlin, from: at("2026-10-24T22:00:00Z"), to: at("2026-10-26T23:00:00Z") });
  expect(autumn.map(({ bucket }) => bucket)).toEqual(["2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z"]);
  const hours = { interval: "hour", timezone: "Europe/Berlin" } as const;
  expect(
    await read("nobody", { ...hours, from: at("2026-10-24T22:00:00Z"), to: at("2026-10-25T23:00:00Z") }),
  ).toHaveLength(25);
});

test("uniques counts a user once over all devices, users leaves out whom nobody knows", async () => {
  const timestamp = at("2026-03-02T10:00:00Z");
  const project = await stored([
    { event_id: "1", anonymous_id: "phone", timestamp },
    { event_id: "2", anonymous_id: "phone", user_id: "u", timestamp },
    { event_id: "3", anonymous_id: "laptop", user_id: "u", timestamp },
    { event_id: "4", anonymous_id: "stranger", timestamp },
  ]);
  expect(await read(project, { metric: "uniques" })).toMatchObject([{ value: 2 }]);
  expect(await read(project, { metric: "users" })).toMatchObject([{ value: 1 }]);
});

test("groups and buckets add up to the raw count, whatever the time zone and interval", async () => {
  const event = fc.record({
    minutes: fc.integer({ min: 0, max: 31 * 24 * 60 - 1 }),
    source: fc.constantFrom("google", "facebook", "direct"),
    medium: fc.constantFrom("paid", "organic"),
  });
  const zone = fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kolkata", "America/Los_Angeles", "Pacific/Chatham");
  const interval = fc.constantFrom("hour", "day", "week", "month", undefined);
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 20 }), zone, interval, async (drawn, timezone, interval) => {
      const project = await stored(
        drawn.map(({ minutes, ...rest }, index) => ({
          ...rest,
          event_id: `${index}`,
          anonymous_id: `v${index % 3}`,
          timestamp: new Date(Date.parse("2026-03-01T00:00:00Z") + minutes * 60_000),
        })),
      );
      const rows = await read(project, { interval, timezone, group_by: ["source", "medium"] });
      const sums = new Map<string, number>();
      for (const { groups, value } of rows) sums.set(groups.join("/"), (sums.get(groups.join("/")) ?? 0) + value);
      const expected = new Map<string, number>();
      for (const { source, medium } of drawn) {
        const group = `${source}/${medium}`;
        expected.set(group, (expected.get(group) ?? 0) + 1);
      }
      expect(Object.fromEntries(sums)).toEqual(Object.fromEntries(expected));
    }),
    { seed: 9, numRuns: 12, endOnFailure: true },
  );
}, 300_000);
