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

  test("a visitor arrives by an ad and signs up: browser and server events are one journey", async () => {
    const page = await visit(`${at("www.example.com")}/?utm_source=facebook&utm_medium=cpc`);
    const id = await idIn(page);
    const statuses = await page.evaluate(
      async ({ key, anonymous_id }) => {
        const view = { event: "$pageview", anonymous_id, url: location.href };
        const batch = { method: "POST", body: JSON.stringify({ key, events: [view] }) };
        const viewed = await fetch("/mm/v1/batch", batch);
        const headers = { "content-type": "application/json" };
        const signedUp = await fetch("/signup", { method: "POST", headers, body: '{"email":"a@b.example"}' });
        return [viewed.status, signedUp.status];
      },
      { key: project.keys.pk, anonymous_id: id },
    );
    expect(statuses).toEqual([202, 200]);
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
