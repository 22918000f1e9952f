import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { env } from "node:process";
import { close, flush } from "@millimetric/track-node";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startChromium } from "./chromium.ts";
import { adminToken, startPlatform, type TestPlatform, type TestProject } from "./platform.ts";
import { type SiteName, startSite } from "./recipe-sites.ts";
import { type Snippets, writeSnippets } from "./snippets.ts";

// The sites of docs/recipes/server-side.md, visited by Chromium under names as on the internet.
let platform: TestPlatform;
let project: TestProject;
let snippets: Snippets;
let browser: Browser & { ordinaryAgent: string };
beforeAll(async () => {
  platform = await startPlatform();
  project = await platform.project("shop");
  snippets = writeSnippets("recipes/server-side.md");
  env["MILLIMETRIC_HOST"] = platform.url;
  env["MILLIMETRIC_KEY"] = project.keys.sk;
  browser = await startChromium();
});
afterAll(async () => {
  await browser.close();
  await close();
  snippets.remove();
  await platform.close();
});

describe.each<SiteName>(["Express", "Next.js"])("%s", (name) => {
  let site: Server;
  let context: BrowserContext;
  let at: (host: string) => string;
  beforeAll(async () => {
    site = await startSite(name, snippets);
    const { port } = site.address() as AddressInfo;
    at = (host) => `http://${host}:${port}`;
    await platform.ask("PATCH", `/admin/v1/projects/${project.project_id}`, {
      key: adminToken,
      body: { allowed_origins: [at("www.example.com")] },
    });
  });
  afterEach(() => context.close());
  afterAll(() => {
    site.closeAllConnections();
    return new Promise((resolve) => site.close(resolve));
  });

  async function visit(url: string, headers: Record<string, string> = {}): Promise<Page> {
    context = await browser.newContext({ userAgent: browser.ordinaryAgent, extraHTTPHeaders: headers });
    const page = await context.newPage();
    await page.goto(url);
    return page;
  }
  const idIn = (page: Page) => page.evaluate(() => /(?:^|; )aid=([^;]*)/.exec(document.cookie)?.[1] ?? null);

  test("the first page sets a cookie that scripts read, every host of the domain shares, and 400 days keep", async () => {
    const page = await visit(at("www.example.com"));
    const id = await idIn(page);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
    const [cookie, ...others] = await context.cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ name: "aid", domain: ".example.com", path: "/", sameSite: "Lax", httpOnly: false });
    expect(Math.round((Number(cookie?.expires) - Date.now() / 1000) / 86_400)).toBe(400);
    await page.goto(at("app.example.com"));
    expect(await idIn(page)).toBe(id);
  });

  test("a cookie that a script set for one host gives way to the domain's, under the same id", async () => {
    const page = await visit(`${at("www.example.com")}/mm/v1/a.js`);
    await page.evaluate(() => {
      // biome-ignore lint/suspicious/noDocumentCookie: as a script without the domain would
      document.cookie = "aid=u_script; path=/";
    });
    await page.goto(at("www.example.com"));
    expect(await idIn(page)).toBe("u_script");
    await page.goto(at("www.example.com"));
    expect(await context.cookies()).toMatchObject([{ name: "aid", value: "u_script", domain: ".example.com" }]);
  });

  test("sites of others on a shared host do not share a visitor", async () => {
    const page = await visit(at("mine.vercel.app"));
    const mine = await idIn(page);
    expect(mine).not.toBeNull();
    await page.goto(at("theirs.vercel.app"));
    const theirs = await idIn(page);
    expect(theirs).not.toBeNull();
    expect(theirs).not.toBe(mine);
  });

  test("with Global Privacy Control no cookie is set", async () => {
    const page = await visit(at("www.example.com"), { "sec-gpc": "1" });
    expect(await idIn(page)).toBeNull();
    expect(await context.cookies()).toEqual([]);
  });

  /** Loads the browser SDK through the site's own proxy, as a tag on the page would. */
  async function loadSdk(page: Page): Promise<void> {
    await page.evaluate((key) => {
      const script = document.createElement("script");
      Object.assign(script.dataset, { key, cookie: "true" });
      script.src = "/mm/v1/a.js";
      document.documentElement.append(script);
      return new Promise((resolve) => {
        script.onload = resolve;
      });
    }, project.keys.pk);
    await page.evaluate("mm.flush()");
  }
  const sdkId = (page: Page) => page.evaluate<string>("mm.getAnonymousId()");

  test("the browser SDK takes the server's id, and mirrors it in the same cookie", async () => {
    const page = await visit(at("www.example.com"));
    const id = await idIn(page);
    await loadSdk(page);
    expect(await sdkId(page)).toBe(id);
    expect(await context.cookies()).toMatchObject([
      { name: "aid", value: id, domain: ".example.com", sameSite: "Lax" },
    ]);
    await page.goto(at("app.example.com"));
    expect(await idIn(page)).toBe(id);
  });

  test("the server takes the id that the browser SDK made first", async () => {
    // An address of the proxy: a page of the site on which no server has set a cookie.
    const page = await visit(`${at("www.example.com")}/mm/v1/a.js`);
    expect(await idIn(page)).toBeNull();
    await loadSdk(page);
    const id = await sdkId(page);
    await page.goto(at("www.example.com"));
    expect(await idIn(page)).toBe(id);
    expect(await context.cookies()).toMatchObject([
      { name: "aid", value: id, domain: ".example.com", sameSite: "Lax" },
    ]);
  });

  test("a visitor arrives by an ad and signs up: the SDK's and the server's events are one journey", async () => {
    const page = await visit(`${at("www.example.com")}/?utm_source=facebook&utm_medium=cpc`);
    await loadSdk(page);
    const id = await sdkId(page);
    const status = await page.evaluate(async () => {
      const headers = { "content-type": "application/json" };
      return (await fetch("/signup", { method: "POST", headers, body: '{"email":"a@b.example"}' })).status;
    });
    expect(status).toBe(200);
    await flush();
    const key = project.keys.rk;
    const { body } = await platform.ask("GET", `/v1/query?anonymous_id=${id}&event=signup`, { key });
    const journey = await platform.ask("GET", `/v1/users/${body.rows[0]?.user_id}/journey`, { key });
    expect(journey.body.rows).toMatchObject([
      { event_name: "$pageview", phase: "before_identify", source: "facebook", medium: "paid", browser: "Chrome" },
      { event_name: "$identify", phase: "identified", anonymous_id: id },
      { event_name: "signup", phase: "identified", anonymous_id: id },
    ]);
  });
});
