import { afterAll, beforeAll, expect, test } from "vitest";
import { adminToken, startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const on = (day: number) => `2026-03-${String(day).padStart(2, "0")}T12:00:00Z`;

interface Told {
  day: number;
  user_id?: string;
  url?: string;
  event?: string;
}

/** Ann and Bob share a laptop, and nobody knows who sat there between them. Event ids are the days. */
const laptop: Told[] = [
  { day: 1, url: "https://shop.example/?utm_source=facebook&utm_medium=cpc" },
  { day: 2, event: "signup", user_id: "ann" },
  { day: 3, user_id: "ann" },
  { day: 4, url: "https://shop.example/?utm_source=newsletter&utm_medium=email" },
  { day: 6, event: "signup", user_id: "bob" },
  { day: 7, user_id: "bob" },
  { day: 8, url: "https://shop.example/late" },
];

async function told(events: readonly Told[] = laptop): Promise<TestProject> {
  const project = await platform.project();
  const sent = events.map(({ day, event = "$pageview", ...rest }) => ({
    event,
    event_id: String(day),
    anonymous_id: "laptop",
    timestamp: on(day),
    ...rest,
  }));
  // The last first: what arrives when changes nothing.
  const { status } = await platform.ask("POST", "/v1/batch", {
    key: project.keys.sk,
    body: { events: sent.toReversed() },
  });
  expect(status).toBe(202);
  return project;
}

const read = async ({ keys }: TestProject, path: string) => {
  const { status, body } = await platform.ask("GET", path, { key: keys.rk });
  expect([path, status]).toEqual([path, 200]);
  return body;
};

const change = ({ keys }: TestProject, action: "unlink" | "relink", body: object = {}) =>
  platform.ask("POST", `/v1/identities/${action}`, {
    key: keys.sk,
    body: { anonymous_id: "laptop", user_id: "ann", reason: "wrong person", ...body },
  });

const range = "from=2026-03-01&to=2026-04-01";
/** Every read that says who is who. */
const reads = [
  `/v1/query?${range}`,
  "/v1/users/ann/journey",
  "/v1/users/bob/journey",
  ...["time_sliced", "first_owner", "all_devices"].map(
    (stitch) => `/v1/attribution/first-touch?${range}&stitch=${stitch}`,
  ),
  `/v1/conversions?${range}&events=signup`,
  `/v1/stats?${range}&metric=users&group_by=source`,
  `/v1/attribution?${range}&event=signup`,
  `/v1/sessions?${range}`,
  `/v1/devices?${range}&min_devices=1`,
  "/v1/identities/shared?least=2",
  "/v1/identities/explain?event_id=1",
  "/v1/identities/explain?event_id=8",
];

async function everything(project: TestProject): Promise<unknown[]> {
  const answers = [];
  for (const path of reads) {
    const { meta, ...answer } = await read(project, path);
    answers.push({ path, ...answer });
  }
  return answers;
}

const journeyOf = async (project: TestProject, user: string) =>
  (await read(project, `/v1/users/${user}/journey`)).rows.map(({ event_id }: { event_id: string }) => event_id);

const because = async (project: TestProject, day: number, stitch = "time_sliced") =>
  (await read(project, `/v1/identities/explain?event_id=${day}`)).owners[stitch].map(
    ({ user_id, rule, link }: { user_id: string; rule: string; link: { event_id: string | null } | null }) =>
      [user_id, rule, link?.event_id ?? null].join(" "),
  );

test("two users on one laptop see neither the other's events nor first touch nor signup, and explain says why", async () => {
  const project = await told();
  expect(await journeyOf(project, "ann")).toEqual(["1", "2", "3"]);
  // What nobody claimed before Bob signed in is Bob's; what comes after him, too.
  expect(await journeyOf(project, "bob")).toEqual(["4", "6", "7", "8"]);
  const { rows: touches } = await read(project, `/v1/attribution/first-touch?${range}`);
  expect(touches).toMatchObject([
    { user_id: "ann", first_touch_source: "facebook", first_touch_medium: "paid" },
    { user_id: "bob", first_touch_source: "newsletter", first_touch_medium: "email" },
  ]);
  const { rows } = await read(project, `/v1/conversions?${range}&events=signup`);
  expect(rows).toMatchObject([
    { user_id: "ann", reached: { signup: { at: "2026-03-02T12:00:00.000Z", hours: 24 } } },
    { user_id: "bob", reached: { signup: { at: "2026-03-06T12:00:00.000Z", hours: 48 } } },
  ]);
  expect(await because(project, 1)).toEqual(["ann next_link 2"]);
  expect(await because(project, 2)).toEqual(["ann own_user_id 2"]);
  expect(await because(project, 4)).toEqual(["bob next_link 6"]);
  expect(await because(project, 8)).toEqual(["bob last_link 7"]);
  expect(await because(project, 8, "first_owner")).toEqual(["ann first_link "]);
  expect(await because(project, 8, "all_devices")).toEqual(["ann any_link ", "bob any_link "]);
});

test("a withdrawn link changes every read at once, and restored it changes them back exactly; the log tells who and why", async () => {
  const project = await told();
  const before = await everything(project);
  const unlinked = await change(project, "unlink");
  expect(unlinked.body).toMatchObject({
    ok: true,
    changed: true,
    link: { first_seen: "2026-03-02T12:00:00.000Z", last_seen: "2026-03-03T12:00:00.000Z", withdrawn: true },
  });
  // Her own events stay hers: they say so themselves. The laptop's past goes to the next link.
  expect(await journeyOf(project, "ann")).toEqual(["2", "3"]);
  expect(await journeyOf(project, "bob")).toEqual(["1", "4", "6", "7", "8"]);
  expect((await read(project, `/v1/devices?${range}&min_devices=1`)).rows).toMatchObject([{ user_id: "bob" }]);
  expect(await because(project, 1)).toEqual(["bob next_link 6"]);
  expect(await because(project, 8, "first_owner")).toEqual(["bob first_link "]);
  const { links, owners } = await read(project, "/v1/identities/explain?event_id=2");
  const withdrawn = { reason: "wrong person", key_prefix: project.keys.sk.split("_")[2], at: expect.any(String) };
  expect(links).toMatchObject([
    { user_id: "ann", withdrawn },
    { user_id: "bob", withdrawn: null },
  ]);
  expect(owners.time_sliced).toMatchObject([{ user_id: "ann", rule: "own_user_id", link: { withdrawn } }]);

  expect((await change(project, "relink", { reason: "it was her" })).body).toMatchObject({ changed: true });
  expect(await everything(project)).toEqual(before);
  const { rows } = await read(project, "/v1/identities/log");
  const shared = { anonymous_id: "laptop", user_id: "ann", key_prefix: project.keys.sk.split("_")[2] };
  expect(rows).toMatchObject([
    { action: "relink", reason: "it was her", ...shared },
    { action: "unlink", reason: "wrong person", ...shared },
  ]);
});

test("the last user withdrawn, what nobody else claims is nobody's", async () => {
  const project = await told(laptop.filter(({ user_id }) => user_id !== "bob"));
  expect(await because(project, 8)).toEqual(["ann last_link 3"]);
  await change(project, "unlink");
  expect(await because(project, 8)).toEqual([" none "]);
  expect((await read(project, "/v1/identities/explain?event_id=8")).links).toMatchObject([{ user_id: "ann" }]);
  expect(await journeyOf(project, "ann")).toEqual(["2", "3"]);
});

test("a link that is withdrawn stays so when it is made again, until it is restored", async () => {
  const project = await told();
  await change(project, "unlink");
  const again = { event: "back", event_id: "9", anonymous_id: "laptop", user_id: "ann", timestamp: on(9) };
  await platform.ask("POST", "/v1/track", { key: project.keys.sk, body: again });
  expect(await because(project, 8)).toEqual(["bob last_link 7"]);
  await change(project, "relink");
  expect(await because(project, 8)).toEqual(["ann next_link 9"]);
});

test("asking again changes nothing, and what never was is not found", async () => {
  const project = await told();
  expect((await change(project, "relink")).body).toMatchObject({
    ok: true,
    changed: false,
    link: { withdrawn: false },
  });
  await change(project, "unlink");
  expect((await change(project, "unlink")).body).toMatchObject({ ok: true, changed: false, link: { withdrawn: true } });
  expect((await read(project, "/v1/identities/log")).rows).toHaveLength(1);
  for (const never of [{ user_id: "carol" }, { anonymous_id: "phone" }, { anonymous_id: "ann", user_id: "laptop" }]) {
    const { status, body } = await change(project, "unlink", never);
    expect([status, body.error]).toEqual([404, "not_found"]);
  }
  const other = await platform.project();
  expect((await change(other, "unlink")).status).toBe(404);
  expect((await platform.ask("GET", "/v1/identities/explain?event_id=1", { key: other.keys.rk })).status).toBe(404);
  expect((await read(other, "/v1/identities/log")).rows).toEqual([]);
});

test("only an sk key withdraws links, and a reason is needed", async () => {
  const project = await told();
  const body = { anonymous_id: "laptop", user_id: "ann", reason: "r" };
  const rk = await platform.ask("POST", "/v1/identities/unlink", { key: project.keys.rk, body });
  expect([rk.status, rk.body.error]).toEqual([403, "insufficient_scope"]);
  expect((await platform.ask("POST", "/v1/identities/unlink", { key: project.keys.pk, body })).status).toBe(403);
  for (const bad of [{ reason: "" }, { reason: undefined }, { user_id: "" }, { anonymous_id: 7 }])
    expect((await change(project, "unlink", bad)).status).toBe(400);
  expect(await journeyOf(project, "ann")).toEqual(["1", "2", "3"]);
});

test("test data and live data are linked apart", async () => {
  const project = await told();
  const { body: made } = await platform.ask("POST", `/admin/v1/projects/${project.project_id}/keys`, {
    key: adminToken,
    body: { kind: "sk", env: "test" },
  });
  const unlink = () =>
    platform.ask("POST", "/v1/identities/unlink", {
      key: made.key,
      body: { anonymous_id: "laptop", user_id: "ann", reason: "r" },
    });
  expect((await unlink()).status).toBe(404);
  const body = { event: "e", anonymous_id: "laptop", user_id: "ann" };
  await platform.ask("POST", "/v1/track", { key: made.key, body });
  expect((await unlink()).status).toBe(200);
  expect(await journeyOf(project, "ann")).toEqual(["1", "2", "3"]);
});

test("an event that a server sent for a user without a visitor is explained, too", async () => {
  const project = await told();
  const body = { event: "invoice", event_id: "s", user_id: "ann" };
  await platform.ask("POST", "/v1/track", { key: project.keys.sk, body });
  const { owners, links } = await read(project, "/v1/identities/explain?event_id=s");
  expect(owners.time_sliced).toEqual([{ user_id: "ann", rule: "own_user_id", link: null }]);
  expect(links).toEqual([]);
});

test("the log is paged without gap or repeat", async () => {
  const project = await told();
  for (let turn = 0; turn < 4; turn++) {
    for (const action of ["unlink", "relink"] as const) {
      await change(project, action);
      await change(project, action, { user_id: "bob" });
    }
  }
  const all = (await read(project, "/v1/identities/log")).rows;
  expect(all).toHaveLength(16);
  const paged = [];
  let cursor = "";
  do {
    const page = await read(project, `/v1/identities/log?limit=3${cursor && `&cursor=${cursor}`}`);
    paged.push(...page.rows);
    cursor = page.next_cursor ?? "";
  } while (cursor !== "");
  expect(paged).toEqual(all);
  expect((await read(project, "/v1/identities/log?user_id=bob")).rows).toHaveLength(8);
  const bad = await platform.ask("GET", `/v1/identities/log?cursor=${btoa('["x","","",""]')}`, {
    key: project.keys.rk,
  });
  expect(bad.body.error).toBe("invalid_params");
});

test("a device that met many users, and a user with very many devices, show in the read API and in a metric", async () => {
  const project = await platform.project();
  const link = (anonymous_id: string, user_id: string) => ({ event: "$identify", anonymous_id, user_id });
  const kiosk = Array.from({ length: 5 }, (_, n) => link("kiosk", `guest-${n}`));
  const busy = Array.from({ length: 20 }, (_, n) => link(`device-${n}`, "everybody"));
  const usual = [link("mine", "me"), link("mine", "you"), link("other", "me")];
  const events = [...kiosk, ...busy, ...usual];
  await platform.ask("POST", "/v1/batch", { key: project.keys.sk, body: { events } });

  const devices = (await read(project, "/v1/identities/shared")).rows;
  expect(devices).toMatchObject([{ anonymous_id: "kiosk", user_count: 5 }]);
  expect(devices[0].users.toSorted()).toEqual(["guest-0", "guest-1", "guest-2", "guest-3", "guest-4"]);
  const users = (await read(project, "/v1/identities/shared?of=users")).rows;
  expect(users).toMatchObject([{ user_id: "everybody", device_count: 20 }]);
  expect(users[0].devices).toHaveLength(10);
  const two = await read(project, "/v1/identities/shared?least=2&limit=1");
  const rest = await read(project, `/v1/identities/shared?least=2&limit=1&cursor=${two.next_cursor}`);
  expect([two.rows[0].anonymous_id, rest.rows[0].anonymous_id]).toEqual(["kiosk", "mine"]);

  const profile = async (user: string) => {
    const { device_count, shared_devices } = await read(project, `/v1/users/${user}`);
    return [device_count, shared_devices];
  };
  expect([await profile("me"), await profile("everybody"), await profile("guest-1")]).toEqual([
    [2, 1],
    [20, 0],
    [1, 1],
  ]);

  const metrics = await (await fetch(`${platform.url}/metrics`)).text();
  expect(metrics).toMatch(/^millimetric_identity_shared_devices 1$/m);
  expect(metrics).toMatch(/^millimetric_identity_users_of_many_devices 1$/m);

  // A withdrawn link is no signal any more.
  const gone = { anonymous_id: "kiosk", user_id: "guest-0" };
  await change(project, "unlink", gone);
  expect((await read(project, "/v1/identities/shared")).rows).toEqual([]);
});
