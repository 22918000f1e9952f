import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, events, firstTouch, journey, sessions } from "../src/index.ts";
import { insertEvents } from "./event-rows.ts";
import { openTemporary } from "./open.ts";

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: true });
});
afterAll(() => clickhouse.close());

const scope = { project_id: "p", env: "live" } as const;
const report = {
  ...scope,
  from: new Date(Date.UTC(2026, 2, 1)),
  to: new Date(Date.UTC(2026, 3, 1)),
  stitch: "time_sliced" as const,
  include_bots: false,
};
const day = (n: number) => new Date(Date.UTC(2026, 2, n));

/** Ann and Bob share a laptop: each browses, then signs in. */
const laptop = [
  { event_id: "1", timestamp: day(1), anonymous_id: "laptop", source: "facebook" },
  { event_id: "2", timestamp: day(2), anonymous_id: "laptop", user_id: "ann" },
  { event_id: "3", timestamp: day(3), anonymous_id: "laptop", source: "google" },
  { event_id: "4", timestamp: day(4), anonymous_id: "laptop", user_id: "bob" },
  { event_id: "5", timestamp: day(5), user_id: "ann", source: "server" },
].map((event) => ({ project_id: "p", ...event }));

const path = async (user_id: string) =>
  (await journey(clickhouse, { ...report, user_id, limit: 10 })).map(({ event_id }) => event_id);

const insert = (table: string, row: object) =>
  clickhouse.insert({ table, lines: [JSON.stringify({ project_id: "p", ...row })], token: crypto.randomUUID() });

async function everything() {
  const rows = {
    raw: await events(clickhouse, { ...report, filters: {}, limit: 10 }),
    touches: await firstTouch(clickhouse, { ...report, limit: 10 }),
    ann: await path("ann"),
    bob: await path("bob"),
    sessions: await sessions(clickhouse, { ...report, filters: {}, limit: 10 }),
  };
  return rows;
}

test("a withdrawn link gives its user nothing but the events that carry the user_id, and gives it all back when it is made again", async () => {
  await insertEvents(clickhouse, laptop);
  const before = await everything();
  expect([before.ann, before.bob]).toEqual([
    ["1", "2", "5"],
    ["3", "4"],
  ]);
  const link = { env: "live", anonymous_id: "laptop", user_id: "ann", reason: "wrong person", key_prefix: "abc" };
  await insert("link_withdrawals_v1", { ...link, action: "unlink" });
  expect([await path("ann"), await path("bob")]).toEqual([
    ["2", "5"],
    ["1", "3", "4"],
  ]);
  await insert("link_withdrawals_v1", { ...link, action: "relink" });
  expect(await everything()).toEqual(before);
});

test("hidden events and links are in no read from the moment they are listed, in no other project, and others keep theirs", async () => {
  await insertEvents(
    clickhouse,
    laptop.map((event) => ({ ...event, project_id: "q" })),
  );
  const bob = await path("bob");
  for (const event_id of ["1", "2", "5"]) await insert("hidden_events_v1", { request_id: "r", event_id });
  for (const anonymous_id of ["laptop", ""])
    await insert("hidden_links_v1", { request_id: "r", env: "live", anonymous_id, user_id: "ann" });
  const now = await everything();
  expect(now.raw.map(({ event_id }) => event_id)).toEqual(["4", "3"]);
  expect(now.touches.map(({ user_id }) => user_id)).toEqual(["bob"]);
  expect(now.sessions.map(({ user_id }) => user_id)).toEqual(["bob", "bob"]);
  expect([now.ann, now.bob]).toEqual([[], bob]);
  const elsewhere = await firstTouch(clickhouse, { ...report, project_id: "q", limit: 10 });
  expect(elsewhere.map(({ user_id }) => user_id)).toEqual(["ann", "bob"]);
});
