import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type ApiProcess, apiProcess } from "./api-process.ts";
import { startChromium } from "./chromium.ts";
import { patient, type TestProject } from "./platform.ts";

// What `npm start` runs, and a newcomer who opens the page that it prints.
let dataDir: string;
let api: ApiProcess;
let demo: TestProject;
let browser: Browser & { ordinaryAgent: string };
let context: BrowserContext;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "millimetric-demo-"));
  api = apiProcess(dataDir, patient);
  await api.start();
  demo = JSON.parse(readFileSync(join(dataDir, "demo-project.json"), "utf8")) as TestProject;
  browser = await startChromium();
});
afterEach(() => context?.close());
afterAll(async () => {
  await browser.close();
  await api.stop("SIGTERM");
  rmSync(dataDir, { recursive: true, force: true });
});

const patiently = { timeout: 60_000, interval: 100 };

async function visit(path: string, headers: Record<string, string> = {}): Promise<Page> {
  context = await browser.newContext({
    userAgent: browser.ordinaryAgent,
    viewport: { width: 1380, height: 900 },
    extraHTTPHeaders: headers,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(api.url() + path);
  return page;
}

const shows = (page: Page, name: string, text: string | RegExp) =>
  vi.waitFor(async () => expect(await page.textContent(`[data-${name}]`)).toMatch(text), patiently);

const eventsOf = (page: Page) =>
  page.$$eval("[data-events] tr", (rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent ?? "")));

async function ask(path: string) {
  const answer = await fetch(api.url() + path, { headers: { authorization: `Bearer ${demo.keys.rk}` } });
  return (await answer.json()) as { rows: Record<string, unknown>[] };
}

test("an ad, a look around, a direct visit, a sign-up: the panel shows the ad as first touch, and what came before as the user's", async () => {
  const failures: string[] = [];
  const hosts = new Set<string>();
  const page = await visit("/demo?utm_source=facebook&utm_medium=cpc&utm_campaign=spring&fbclid=IwAR0demo");
  page.on("pageerror", (error) => failures.push(error.message));
  page.on("console", (message) => message.type() === "error" && failures.push(message.text()));
  page.on("request", (request) => hosts.add(new URL(request.url()).origin));
  await shows(page, "touch", "facebook / paid");
  await shows(page, "owner", "nobody yet");

  // Each page is waited for: a click may come before its script.
  await page.click("text=Paper Lantern");
  await page.waitForURL("**/paper-lantern");
  await page.click("[data-add]");
  await shows(page, "event-count", "3");
  await page.click("text=Come back directly");
  await shows(page, "session-count", "2");
  await page.click("nav >> text=Build a box");
  await page.waitForURL("**/box");
  await page.check("text=Slow Tide");
  await page.click("[data-next]");
  await page.check("text=6 bags");
  await page.click("[data-next]");
  expect(new URL(page.url()).pathname).toBe("/demo/box/review");
  await page.click("[data-next]");
  await page.waitForURL("**/demo/checkout");
  await shows(page, "event-count", "11");
  await shows(page, "moment", /^11 events and no name/);
  for (const [, , user, owner] of await eventsOf(page)) expect([user, owner]).toEqual(["NULL", "nobody"]);

  await page.click("nav >> text=Sign up");
  await page.waitForURL("**/signup");
  await page.click("button[type=submit]");
  const account = (await page.textContent("[data-account]")) ?? "";
  expect(account).toMatch(/^user_\d{5}$/);
  await shows(page, "owner", account);
  await shows(page, "moment", new RegExp(`^12 events that carried no user belong to ${account} now`));
  await shows(page, "touch", "facebook / paid");
  await shows(page, "touch-why", /^Paid Social, campaign “spring”/);
  const shown = await vi.waitFor(async () => {
    const rows = await eventsOf(page);
    expect(rows).toHaveLength(14);
    return rows;
  }, patiently);
  expect(shown.slice(0, 3).map(([event]) => event)).toEqual([
    "signup/demo/signup",
    "$identify/demo/signup",
    "$pageview/demo/signup",
  ]);
  expect(shown.filter(([, , user]) => user === "NULL")).toHaveLength(12);
  expect(shown.every(([, , , owner]) => owner === account)).toBe(true);

  // The API says the same.
  const touch = await ask(`/v1/attribution/first-touch?user_id=${account}`);
  expect(touch.rows).toMatchObject([{ first_touch_source: "facebook", first_touch_medium: "paid" }]);
  const before = await ask(`/v1/users/${account}/journey?phase=before_identify`);
  expect(before.rows).toHaveLength(12);
  expect(before.rows.every(({ user_id }) => user_id === null)).toBe(true);

  await page.click("[data-logout]");
  await page.click("text=Cart");
  await page.waitForURL("**/checkout");
  await page.click("[data-order]");
  await shows(page, "paid", "€ 94.50");
  expect(failures).toEqual([]);
  expect([...hosts]).toEqual([api.url()]);
});

test("becoming somebody new starts an empty panel", async () => {
  const page = await visit("/demo/about");
  await shows(page, "event-count", "1");
  const first = await page.textContent("[data-visitor]");
  await page.click("[data-reset]");
  await shows(page, "event-count", "1");
  await vi.waitFor(async () => expect(await page.textContent("[data-visitor]")).not.toBe(first), patiently);
});

test("a visitor who objects is told so: nothing is stored, nothing is sent", async () => {
  const sent: string[] = [];
  context = await browser.newContext({ userAgent: browser.ordinaryAgent });
  await context.addInitScript(() => Object.defineProperty(navigator, "globalPrivacyControl", { value: true }));
  const page = await context.newPage();
  page.on("request", (request) => request.url().includes("/v1/batch") && sent.push(request.url()));
  await page.goto(`${api.url()}/demo`);
  await shows(page, "notice", /objects to being followed/);
  expect(sent).toEqual([]);
  expect(await page.evaluate(() => Object.keys(localStorage))).toEqual([]);
});

test("no page and no file of the shop holds a key that reads, or the admin token", async () => {
  const paths = ["/demo"];
  for (const path of paths) {
    const answer = await fetch(api.url() + path);
    expect([path, answer.status]).toEqual([path, 200]);
    const text = await answer.text();
    expect(text).not.toMatch(/\b(sk|rk)_(live|test)_\w/);
    expect(text).not.toContain(demo.keys.rk.slice(-20));
    for (const [, found = ""] of text.matchAll(/(?:href|src)="(\/[^"?]*)/g))
      if (!paths.includes(found)) paths.push(found);
    if (!answer.headers.get("content-type")?.startsWith("text/html")) continue;
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|\son\w+=|style=|(href|src)="(https?:)?\/\//);
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
  }
  expect(paths.length).toBeGreaterThan(12);
});
