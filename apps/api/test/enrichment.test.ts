import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { campaignParameters, classify, clickIds } from "@millimetric/attribution";
import { createScrubber } from "@millimetric/enrichment";
import { mmdb } from "@millimetric/enrichment/test/mmdb";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminToken, startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

const origin = "https://shop.example";
const visitorAddress = "81.2.69.160";
let folder: string;
let platform: TestPlatform;
let project: TestProject;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millimetric-geo-"));
  const geoip = join(folder, "country.mmdb");
  writeFileSync(geoip, mmdb({ "81.2.69.0/24": { country: { iso_code: "GB" } } }));
  platform = await startPlatform({
    GEOIP_DB: geoip,
    COUNTRY_HEADER: "CF-IPCountry",
    TRUST_PROXY: "true",
    SCRUB_PARAMS: "member_id, voucher",
  });
  project = await platform.project("shop", [origin]);
});
afterAll(async () => {
  await platform.close();
  rmSync(folder, { recursive: true, force: true });
});

let sent = 0;
/** Sends one event and reads its row. */
async function rowOf(event: object, headers: Record<string, string> = {}, kind: "pk" | "sk" = "pk") {
  const event_id = `e${++sent}`;
  const body = { event: "$pageview", event_id, anonymous_id: `v${sent}`, ...event };
  const answer = await platform.ask("POST", "/v1/track", {
    key: project.keys[kind],
    headers: { origin, ...headers },
    body,
  });
  expect(answer.status).toBe(202);
  const { rows } = (await platform.ask("GET", "/v1/query?include_bots=true&limit=1000", { key: project.keys.rk })).body;
  return rows.find((row: { event_id: string }) => row.event_id === event_id);
}

const iphone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";
const googlebot = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

test("tells device, browser and system from the browser's own user agent", async () => {
  expect(await rowOf({}, { "user-agent": iphone })).toMatchObject({
    device_type: "mobile",
    browser: "Safari",
    os: "iOS",
    is_bot: false,
    bot_reason: "",
  });
});

test("a server tells the visitor's user agent in the context; its own says nothing", async () => {
  const told = await rowOf({ context: { user_agent: iphone } }, { "user-agent": "node" }, "sk");
  expect(told).toMatchObject({ device_type: "mobile", os: "iOS", is_bot: false });
  const untold = await rowOf({}, { "user-agent": "axios/1.7.2" }, "sk");
  expect(untold).toMatchObject({ device_type: "", browser: "", os: "", is_bot: false });
});

test("bots are flagged, kept, and left out of reads unless they are asked for", async () => {
  const bot = await rowOf({}, { "user-agent": googlebot });
  expect(bot).toMatchObject({ is_bot: true, bot_reason: "user_agent:googlebot" });
  const told = await rowOf({ context: { user_agent: googlebot } }, {}, "sk");
  expect(told).toMatchObject({ is_bot: true, bot_reason: "user_agent:googlebot" });
  const { rows } = (await platform.ask("GET", "/v1/query?limit=1000", { key: project.keys.rk })).body;
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.some((row: { is_bot: boolean }) => row.is_bot)).toBe(false);
});

test("the country comes from the proxy's header, else from the address, and only of visitors", async () => {
  const from = { "x-forwarded-for": visitorAddress };
  expect((await rowOf({}, from)).country).toBe("GB");
  expect((await rowOf({}, { ...from, "cf-ipcountry": "de" })).country).toBe("DE");
  expect((await rowOf({}, { ...from, "cf-ipcountry": "XX" })).country).toBe("GB");
  expect((await rowOf({}, { "x-forwarded-for": "10.0.0.1" })).country).toBe("");
  expect((await rowOf({}, { ...from, "user-agent": "node" }, "sk")).country).toBe("");
  expect((await rowOf({}, { ...from, "user-agent": iphone }, "sk")).country).toBe("GB");
});

test("cuts secrets from every stored address, and keeps what says where the visit came from", async () => {
  const query = "utm_source=facebook&utm_medium=cpc&token=s3cret&email=jo%40b.example&fbclid=IwAR0&member_id=7&q=1";
  const row = await rowOf({
    url: `https://jo:pw@shop.example/reset?${query}#access_token=s3cret`,
    path: "/reset?token=s3cret",
    referrer: "https://mail.example/read?session=s3cret&folder=in",
  });
  expect(row).toMatchObject({
    url: "https://shop.example/reset?utm_source=facebook&utm_medium=cpc&fbclid=IwAR0&q=1",
    path: "/reset",
    referrer: "https://mail.example/read?folder=in",
    source: "facebook",
    medium: "paid",
  });
  expect(row.properties).toEqual({ utm_source: "facebook", utm_medium: "cpc", fbclid: "IwAR0" });
});

test("a project cuts parameters of its own, from the moment it says so", async () => {
  const settings = { scrub_params: ["order_ref"] };
  await platform.ask("PATCH", `/admin/v1/projects/${project.project_id}`, { key: adminToken, body: { settings } });
  expect((await rowOf({ url: "https://shop.example/?orderRef=1&voucher=2&q=3" })).url).toBe(
    "https://shop.example/?q=3",
  );
});

test("a setting that could not work is refused", async () => {
  for (const scrub_params of ["order_ref", [7], [""]]) {
    const body = { settings: { scrub_params } };
    const { status } = await platform.ask("PATCH", `/admin/v1/projects/${project.project_id}`, {
      key: adminToken,
      body,
    });
    expect(status).toBe(400);
  }
});

test("a refused event is kept without secrets, and with the device and country that its replay will store", async () => {
  const body = {
    event: "late",
    event_id: "late",
    anonymous_id: "v",
    timestamp: "soon",
    url: "https://shop.example/?token=s3cret",
  };
  const headers = { origin, "user-agent": iphone, "x-forwarded-for": visitorAddress };
  expect((await platform.ask("POST", "/v1/track", { key: project.keys.pk, headers, body })).status).toBe(400);
  const [letter] = (await platform.ask("GET", "/v1/dead-letters", { key: project.keys.sk })).body.rows;
  expect(letter.payload.url).toBe("https://shop.example/");
  const stored = await platform.clickhouse.query("SELECT user_agent, country FROM dead_letters_v1");
  expect(stored).toEqual([{ user_agent: iphone, country: "GB" }]);
});

test("no address of a visitor is in any table", async () => {
  await platform.deadLetters.flush();
  const rows = await platform.clickhouse.query<{ found: number }>(
    `SELECT (SELECT count() FROM events_v1 WHERE position(toString(tuple(*)), {ip:String}) > 0)
          + (SELECT count() FROM dead_letters_v1 WHERE position(toString(tuple(*)), {ip:String}) > 0) AS found`,
    { ip: visitorAddress },
  );
  expect(rows).toEqual([{ found: 0 }]);
});

test("scrubbing changes nothing of what an address says about where a visit came from", () => {
  const scrub = createScrubber();
  const names = [...clickIds.map(({ parameter }) => parameter), "utm_source", "utm_medium", "utm_campaign", "utm_term"];
  for (const name of names) expect(scrub(`https://shop.example/?${name}=x1`)).toBe(`https://shop.example/?${name}=x1`);

  const value = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const name = fc.constantFrom(...names, "token", "email", "password", "q", "page");
  const query = fc.array(fc.tuple(name, value)).map((all) => all.map((pair) => pair.join("=")).join("&"));
  fc.assert(
    fc.property(
      query,
      fc.constantFrom("https://www.google.com/", "https://a.example/x?token=1", ""),
      (text, referrer) => {
        const url = `https://shop.example/?${text}`;
        expect(campaignParameters(scrub(url))).toEqual(campaignParameters(url));
        expect(classify({ url: scrub(url), referrer: scrub(referrer) })).toEqual(classify({ url, referrer }));
      },
    ),
    { seed: 6 },
  );
});

test("a database that cannot be read stops the start and is named", async () => {
  await expect(startPlatform({ GEOIP_DB: join(folder, "missing.mmdb") })).rejects.toThrow("missing.mmdb");
});
