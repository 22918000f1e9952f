import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startChromium } from "./chromium.ts";
import { bundleFor } from "./frameworks.ts";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";
import { type Snippets, writeSnippets } from "./snippets.ts";

// The files of docs/frameworks.md, bundled and run in a browser on a site of another origin than the platform's.
let platform: TestPlatform;
let browser: Browser & { ordinaryAgent: string };
let snippets: Snippets;
let site: Server;
let siteUrl: string;
let html = "";
let script = "";
beforeAll(async () => {
  platform = await startPlatform();
  browser = await startChromium();
  snippets = writeSnippets("frameworks.md");
  site = createServer((request, response) => {
    const isScript = request.url === "/bundle.js";
    response.writeHead(200, { "content-type": isScript ? "text/javascript" : "text/html" });
    response.end(isScript ? script : html);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser.close();
  site.closeAllConnections();
  snippets.remove();
  await platform.close();
});

const spa = '<!doctype html><title>Shop</title><div id="app"></div><script src="/bundle.js"></script>';

/** A project, and the snippet with its key and the platform's address. */
async function prepare(...files: string[]): Promise<TestProject> {
  const project = await platform.project("frameworks", [siteUrl]);
  for (const name of files) {
    const file = join(snippets.folder, name);
    const text = readFileSync(file, "utf8");
    writeFileSync(
      file,
      text.replaceAll("pk_live_…", project.keys.pk).replaceAll("https://analytics.example.com", platform.url),
    );
  }
  return project;
}

async function open(): Promise<{ page: Page; failures: string[] }> {
  const context = await browser.newContext({ userAgent: browser.ordinaryAgent });
  const page = await context.newPage();
  const failures: string[] = [];
  page.on("pageerror", (error) => failures.push(error.message));
  await page.goto(`${siteUrl}/?utm_source=facebook&utm_medium=cpc`);
  return { page, failures };
}

/** To the prices, the button, and back. */
async function browse(page: Page): Promise<void> {
  await page.click("text=Pricing");
  await page.waitForURL("**/pricing");
  await page.click("button");
  await page.goBack();
  await page.waitForURL("**/?utm_source=facebook&utm_medium=cpc");
}

async function expectStory(page: Page, { keys }: TestProject): Promise<void> {
  const rows = await vi.waitFor(
    async () => {
      const { body } = await platform.ask("GET", "/v1/query", { key: keys.rk });
      expect(body.rows.length).toBeGreaterThanOrEqual(4);
      return body.rows;
    },
    { timeout: 60_000, interval: 200 },
  );
  // What would come late and too much is sent when the page goes.
  await page.context().close();
  const { body } = await platform.ask("GET", "/v1/query", { key: keys.rk });
  expect(body.rows).toHaveLength(rows.length);
  type Row = { timestamp: string; event_name: string; path: string; source: string; properties: object };
  const story = (rows as Row[]).reverse().map(({ event_name, path, source }) => `${event_name} ${path} ${source}`);
  expect(story).toEqual([
    "$pageview / facebook",
    "$pageview /pricing internal",
    "chose_plan /pricing internal",
    // Back at the landing's address, with its campaign.
    "$pageview / facebook",
  ]);
  expect((rows as Row[])[2]?.properties).toMatchObject({ plan: "pro" });
}

test("every file of the page passes the type check", () => {
  expect(snippets.names).toHaveLength(9);
  const tsc = fileURLToPath(new URL("../../../node_modules/.bin/tsc", import.meta.url));
  execFileSync(tsc, ["-p", join(snippets.folder, "tsconfig.json")], { stdio: "pipe", encoding: "utf8" });
});

test.each([
  ["React", "react/main.tsx", []],
  ["Vue", "vue/main.ts", ["vue/App.vue", "vue/Pricing.vue"]],
  ["Svelte", "svelte/main.ts", ["svelte/App.svelte"]],
])("%s: one page view for each navigation, and the button's event", async (_, entry, others) => {
  const project = await prepare(entry, ...others);
  script = await bundleFor(snippets.folder, entry, {});
  html = spa;
  const { page, failures } = await open();
  await browse(page);
  await expectStory(page, project);
  expect(failures).toEqual([]);
});

test("Next.js: the file that runs first and a client component, under a history used as by the App Router", async () => {
  const project = await prepare("next/instrumentation-client.ts", "next/app/choose-plan.tsx");
  writeFileSync(
    join(snippets.folder, "next/main.tsx"),
    `import "./instrumentation-client.ts";
import { useState } from "react";
import { createRoot } from "react-dom/client";
import { ChoosePlan } from "./app/choose-plan.tsx";

// The App Router writes its state into the entry it came to by, and pushes entries with it.
const tree = { __NA: true, __PRIVATE_NEXTJS_INTERNALS_TREE: ["", {}] };
history.replaceState(tree, "", location.href);
function App() {
  const [path, setPath] = useState(location.pathname);
  window.onpopstate = () => setPath(location.pathname);
  const go = (event: { preventDefault(): void }) => {
    event.preventDefault();
    history.pushState(tree, "", "/pricing");
    history.replaceState(tree, "", "/pricing");
    setPath("/pricing");
  };
  return path === "/pricing" ? <ChoosePlan plan="pro" /> : <a href="/pricing" onClick={go}>Pricing</a>;
}
createRoot(document.querySelector("#app") as Element).render(<App />);`,
  );
  const key = JSON.stringify(project.keys.pk);
  script = await bundleFor(snippets.folder, "next/main.tsx", { "process.env.NEXT_PUBLIC_MILLIMETRIC_KEY": key });
  html = spa;
  const { page, failures } = await open();
  await browse(page);
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ name: "aid", value: expect.stringMatching(/^[0-9a-f-]{36}$/) });
  await expectStory(page, project);
  expect(failures).toEqual([]);
});

test("plain HTML: page by page, with the script of the platform", async () => {
  const project = await prepare("html/index.html");
  html = readFileSync(join(snippets.folder, "html/index.html"), "utf8");
  const { page, failures } = await open();
  await browse(page);
  await expectStory(page, project);
  expect(failures).toEqual([]);
});
