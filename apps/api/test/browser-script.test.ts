import { createHash } from "node:crypto";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodingFor } from "../src/browser-script/script.ts";
import { scriptTagOf } from "../src/cli/script-tag.ts";
import { startChromium } from "./chromium.ts";
import { startPlatform, type TestPlatform } from "./platform.ts";
import { pinnedTag } from "./script-hash.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

interface Got {
  status: number | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** As it comes over the wire: `fetch` would decompress. */
function get(path: string, headers: Record<string, string> = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(platform.url + path, { headers }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk as Buffer);
      resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) });
    });
    sent.on("error", reject).end();
  });
}

test("the script comes with brotli, gzip or as it is, whatever the browser takes, and is the same each time", async () => {
  const [plain, zipped, brotli] = await Promise.all([
    get("/v1/a.js"),
    get("/v1/a.js", { "accept-encoding": "gzip, deflate" }),
    get("/v1/a.js", { "accept-encoding": "gzip, deflate, br, zstd" }),
  ]);
  expect(plain.headers).toMatchObject({ "content-type": "text/javascript; charset=utf-8", vary: "accept-encoding" });
  expect(plain.headers["content-encoding"]).toBeUndefined();
  expect(plain.body.toString()).toContain("/v1/batch");
  expect(zipped.headers["content-encoding"]).toBe("gzip");
  expect(gunzipSync(zipped.body)).toEqual(plain.body);
  expect(brotli.headers["content-encoding"]).toBe("br");
  expect(brotliDecompressSync(brotli.body)).toEqual(plain.body);
  expect(brotli.body.length).toBeLessThan(zipped.body.length);
});

test("it is kept for an hour, then asked for again: 304 while it is the same", async () => {
  const first = await get("/v1/a.js");
  expect(first.headers["cache-control"]).toMatch(/^public, max-age=3600, stale-while-revalidate=\d+/);
  const etag = String(first.headers["etag"]);
  for (const known of [etag, etag.replace("W/", ""), `"other", ${etag}`, "*"]) {
    const again = await get("/v1/a.js", { "if-none-match": known, "accept-encoding": "br" });
    expect([known, again.status, again.body.length, again.headers["etag"]]).toEqual([known, 304, 0, etag]);
  }
  expect((await get("/v1/a.js", { "if-none-match": '"other"' })).status).toBe(200);
});

test("under the address of its content it never changes; another version's address is 404", async () => {
  const { headers, body } = await get("/v1/a.js");
  const version = /"([0-9a-f]{16})"/.exec(String(headers["etag"]))?.[1] ?? "";
  expect(version).toBe(createHash("sha256").update(body).digest("hex").slice(0, 16));
  const pinned = await get(`/v1/a.${version}.js`);
  expect(pinned.body).toEqual(body);
  expect(pinned.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  for (const wrong of ["0".repeat(16), version.toUpperCase(), `${version}0`, "..", "%2e%2e%2fpackage"]) {
    const answer = await get(`/v1/a.${wrong}.js`);
    if (wrong !== version) expect([wrong, answer.status]).toEqual([wrong, 404]);
  }
});

test("any origin may load it and check its hash, whether or not a project allows the origin", async () => {
  await platform.project("shop", ["https://shop.example"]);
  for (const origin of [undefined, "https://shop.example", "https://evil.example"]) {
    const { headers } = await get("/v1/a.js", origin === undefined ? {} : { origin });
    expect(headers).toMatchObject({
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      "x-content-type-options": "nosniff",
      vary: "accept-encoding",
    });
    expect(headers["set-cookie"]).toBeUndefined();
  }
});

test.each([
  ["br", "br"],
  ["gzip", "gzip"],
  ["gzip;q=1.0, br;q=0.1", "br"],
  ["br;q=0, gzip", "gzip"],
  ["*", "br"],
  ["*;q=0", undefined],
  ["identity", undefined],
  ["BR", "br"],
  ["br;q=x", undefined],
  ["", undefined],
  [undefined, undefined],
])("Accept-Encoding %j takes %j", (header, encoding) => expect(encodingFor(header)).toBe(encoding));

test("the tag of docs/frameworks.md pins what the platform serves: else run `pnpm --filter @millimetric/api script-hash`", async () => {
  const { is, shouldBe } = await pinnedTag();
  expect(is).toBe(shouldBe);
  const { headers } = await get("/v1/a.js");
  expect(is).toContain(`/v1/a.${String(headers["etag"]).slice(3, -1)}.js`);
});

test("a browser runs the pinned script on a site of another origin, and refuses one with another hash", async () => {
  const site = createServer((_, response) => void response.writeHead(200, { "content-type": "text/html" }).end(html));
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  const siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const { keys } = await platform.project("pinned", [siteUrl]);
  const tag = (await scriptTagOf(platform.url, keys.pk)).replace(" async ", " ");
  let html = `<!doctype html><title>Pinned</title>${tag}`;
  const browser = await startChromium();
  const page = await browser.newPage({ userAgent: browser.ordinaryAgent });
  await page.goto(siteUrl);
  await page.evaluate("mm.flush()");
  const { body } = await platform.ask("GET", "/v1/query", { key: keys.rk });
  expect(body.rows).toMatchObject([{ event_name: "$pageview", title: "Pinned" }]);
  html = html.replace(/sha384-..../, "sha384-AAAA");
  await page.goto(siteUrl);
  expect(await page.evaluate("typeof mm")).toBe("undefined");
  await browser.close();
  site.closeAllConnections();
  await new Promise((resolve) => site.close(resolve));
});
