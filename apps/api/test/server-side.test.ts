import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { env } from "node:process";
import { fileURLToPath } from "node:url";
import { close, flush } from "@millimetric/track-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";
import { parseHttp, recipeBlocks } from "./recipe.ts";
import { siteNames, startSite } from "./recipe-sites.ts";
import { type Snippets, writeSnippets } from "./snippets.ts";

const shop = "https://shop.example";
const pages = ["recipes/server-side.md", "migrate-from-segment.md", "migrate-from-posthog-and-plausible.md"];

let platform: TestPlatform;
let project: TestProject;
let snippets: Snippets;
beforeAll(async () => {
  platform = await startPlatform();
  project = await platform.project("shop", [shop]);
  snippets = writeSnippets(...pages);
  env["MILLIMETRIC_HOST"] = platform.url;
  env["MILLIMETRIC_KEY"] = project.keys.sk;
});
afterAll(async () => {
  await close();
  snippets.remove();
  await platform.close();
});

test("every file that the pages print passes the type check", () => {
  expect(snippets.names).toHaveLength(9);
  const tsc = fileURLToPath(new URL("../../../node_modules/.bin/tsc", import.meta.url));
  execFileSync(tsc, ["-p", join(snippets.folder, "tsconfig.json")], { stdio: "pipe", encoding: "utf8" });
});

describe.each(siteNames)("%s", (name) => {
  let site: Server;
  let url: string;
  beforeAll(async () => {
    site = await startSite(name, snippets);
    url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => site.close(resolve)));

  const ask = (path: string, headers: Record<string, string>, body?: object) =>
    fetch(`${url}${path}`, {
      headers: { origin: shop, ...headers },
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    });

  test("a visitor arrives by an ad and signs up: browser and server events are one journey", async () => {
    const arrival = await ask("/", { accept: "text/html", "sec-fetch-dest": "document" });
    const [cookie = ""] = arrival.headers.getSetCookie().map((one) => one.split(";")[0]);
    const anonymous_id = cookie.replace("aid=", "");
    expect(anonymous_id).toMatch(/^[0-9a-f-]{36}$/);

    // What the browser SDK does with the id of the cookie, through the site's own origin.
    const landing = `${shop}/?utm_source=facebook&utm_medium=cpc`;
    const view = {
      event: "$pageview",
      anonymous_id,
      url: landing,
      timestamp: new Date(Date.now() - 60_000).toISOString(),
    };
    const plain = { "content-type": "text/plain", cookie };
    const sent = await ask(`/mm/v1/batch?key=${project.keys.pk}`, plain, { events: [view] });
    expect(await sent.json()).toEqual({ ok: true, accepted: 1, rejected: [] });

    const json = { "content-type": "application/json", cookie };
    expect(await (await ask("/signup", json, { email: "a@b.example" })).json()).toEqual({ ok: true });
    await flush();

    const key = project.keys.rk;
    const { body } = await platform.ask("GET", `/v1/query?anonymous_id=${anonymous_id}`, { key });
    const user = body.rows.find(({ event_name }: { event_name: string }) => event_name === "signup")?.user_id;
    const journey = await platform.ask("GET", `/v1/users/${user}/journey`, { key });
    expect(journey.body.rows).toHaveLength(3);
    expect(journey.body.rows).toMatchObject([
      {
        event_name: "$pageview",
        phase: "before_identify",
        source: "facebook",
        medium: "paid",
        user_id: null,
        anonymous_id,
      },
      { event_name: "$identify", phase: "identified", anonymous_id, properties: { plan: "pro" } },
      { event_name: "signup", phase: "identified", anonymous_id, properties: { plan: "pro" } },
    ]);
    const touch = await platform.ask("GET", `/v1/attribution/first-touch?user_id=${user}`, { key });
    expect(touch.body.rows).toMatchObject([{ first_touch_source: "facebook", first_touch_medium: "paid" }]);
  });

  test("a visitor who objects signs up, and nothing ties the user to a device", async () => {
    const objecting = { accept: "text/html", "sec-gpc": "1" };
    const arrival = await ask("/", objecting);
    expect(arrival.headers.getSetCookie()).toEqual([]);
    const before = await devices();
    await ask("/signup", { ...objecting, "content-type": "application/json" }, { email: "a@b.example" });
    await flush();
    expect(await devices()).toBe(before);
  });

  /** Visitors that are linked to a user. */
  async function devices(): Promise<number> {
    const [row] = await platform.clickhouse.query<{ n: number }>(
      "SELECT count(DISTINCT anonymous_id) AS n FROM events WHERE project_id = {project_id:String} AND user_id IS NOT NULL AND anonymous_id != ''",
      { project_id: project.project_id },
    );
    return row?.n ?? -1;
  }
});

test("a webhook that comes twice counts once", async () => {
  const { onPaid } = await snippets.load<{ onPaid(invoice: object): void }>("webhook.ts");
  const invoice = { id: "in_1", customer: "payer", amount_cents: 4900, paid_at: "2026-03-07T12:00:00Z" };
  onPaid(invoice);
  await flush();
  onPaid(invoice);
  await flush();
  const { body } = await platform.ask("GET", "/v1/query?user_id=payer&from=2026-03-01", { key: project.keys.rk });
  expect(body.rows).toMatchObject([
    { event_id: "paid-in_1", timestamp: "2026-03-07T12:00:00.000Z", properties: { amount_cents: 4900 } },
  ]);
});

test("the call without the SDK is accepted", async () => {
  const [block] = recipeBlocks("recipes/server-side.md");
  const { method, path, body } = parseHttp(block?.text ?? "");
  expect(await platform.ask(method, path, { key: project.keys.sk, body })).toMatchObject({ status: 202 });
});

test("an archive of Segment, imported twice, is stored once, at the times it says", async () => {
  const mine = await platform.project("archive");
  env["MILLIMETRIC_KEY"] = mine.keys.sk;
  const line = (n: number) => ({
    type: "track",
    messageId: `archived-${n}`,
    anonymousId: "old-visitor",
    event: "viewed",
    timestamp: new Date(Date.UTC(2024, 4, 1) + n * 1000).toISOString(),
    originalTimestamp: "2024-05-02T00:00:00.000Z",
    sentAt: "2024-05-02T00:00:00.000Z",
    receivedAt: "2024-05-01T00:00:00.000Z",
    integrations: {},
    version: 2,
  });
  const file = join(snippets.folder, "archive.ndjson");
  writeFileSync(file, Array.from({ length: 1200 }, (_, n) => JSON.stringify(line(n))).join("\n"));
  const { importArchive } = await snippets.load<{ importArchive(file: string): Promise<number> }>("import-segment.ts");
  expect(await importArchive(file)).toBe(1200);
  expect(await importArchive(file)).toBe(1200);
  const [row] = await platform.clickhouse.query(
    "SELECT count() AS n, min(timestamp) AS first, max(timestamp) AS last FROM events WHERE project_id = {project_id:String}",
    { project_id: mine.project_id },
  );
  expect(row).toEqual({ n: 1200, first: "2024-05-01T00:00:00.000Z", last: "2024-05-01T00:19:59.000Z" });
});

test("events of PostHog become a journey of ours", async () => {
  const mine = await platform.project("hog");
  const { fromPostHog } = await snippets.load<{ fromPostHog(event: object): object }>("from-posthog.ts");
  const device = { $device_id: "0190-device", $session_id: "s-1", $ip: "203.0.113.7", $lib: "web" };
  const at = (minute: number) => `2026-03-01 14:0${minute}:00+00:00`;
  const exported = [
    {
      uuid: "1",
      event: "$pageview",
      distinct_id: "0190-device",
      timestamp: at(0),
      properties: { ...device, $current_url: `${shop}/?utm_source=news`, $referrer: "$direct", title: "Shop" },
    },
    {
      uuid: "2",
      event: "$identify",
      distinct_id: "user_42",
      timestamp: at(1),
      properties: { ...device, $anon_distinct_id: "0190-device", $set: { plan: "pro" } },
    },
    { uuid: "3", event: "signup", distinct_id: "user_42", timestamp: at(2), properties: { ...device, plan: "pro" } },
  ];
  const events = exported.map(fromPostHog);
  const { status, body } = await platform.ask("POST", "/v1/batch", { key: mine.keys.sk, body: { events } });
  expect([status, body.rejected]).toEqual([202, []]);
  const journey = await platform.ask("GET", "/v1/users/user_42/journey", { key: mine.keys.rk });
  expect(journey.body.rows).toMatchObject([
    {
      event_id: "1",
      phase: "before_identify",
      source: "news",
      title: "Shop",
      session_id: "s-1",
      timestamp: "2026-03-01T14:00:00.000Z",
    },
    { event_id: "2", event_name: "$identify", properties: { plan: "pro" } },
    { event_id: "3", event_name: "signup", anonymous_id: "0190-device" },
  ]);
  expect(JSON.stringify(journey.body)).not.toContain("203.0.113.7");
});
