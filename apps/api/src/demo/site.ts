import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, extname, join } from "node:path";
import type { FastifyInstance, FastifyReply } from "fastify";
import { ApiError } from "../http/errors.ts";
import type { Platform } from "../platform.ts";
import { coffees } from "./catalogue.ts";
import { layout, type Page } from "./layout.ts";
import { about, box, checkout, home, product, signup } from "./pages.ts";
import type { DemoProject } from "./project.ts";
import { visitorRoute } from "./visitor.ts";

const pages: Record<string, Page> = {
  "/demo": home,
  "/demo/about": about,
  "/demo/box": box,
  "/demo/box/size": box,
  "/demo/box/review": box,
  "/demo/signup": signup,
  "/demo/checkout": checkout,
  ...Object.fromEntries(coffees.map((coffee) => [`/demo/coffee/${coffee.slug}`, product(coffee)])),
};

const assets = ["shop.css", "panel.css", "shop.js", "panel.js", "box.js", "signup.js", "checkout.js", "icon.svg"];
const types: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** No inline script or style, nothing from elsewhere, in nobody's frame. */
const headers = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
};

/** Folder of what the pages load, from the source and from the build alike. */
function assetFolder(): string {
  const manifest = findPackageJSON(import.meta.url);
  if (manifest === undefined) throw new Error("the folder of the demo shop cannot be found");
  return join(dirname(manifest), "demo");
}

/** The demo shop at `/demo`: what a newcomer opens first. It sends to the demo project, with its pk key. */
export function demoSite({ clickhouse }: Pick<Platform, "clickhouse">, { project_id, keys }: DemoProject) {
  const folder = assetFolder();
  const schema = { hide: true };
  const html = (reply: FastifyReply, page: Page) =>
    reply.headers(headers).type("text/html; charset=utf-8").send(layout(page, keys.pk));

  return async (app: FastifyInstance): Promise<void> => {
    app.get("/", { schema }, (_request, reply) => reply.redirect("/demo", 302));
    for (const [path, page] of Object.entries(pages)) app.get(path, { schema }, (_, reply) => html(reply, page));
    app.get<{ Params: { name: string } }>("/demo/assets/:name", { schema }, (request, reply) => {
      const { name } = request.params;
      // Only what is listed: a name never becomes a path of its own.
      if (!assets.includes(name)) throw new ApiError("not_found", "No such file.");
      const type = types[extname(name)] ?? "application/octet-stream";
      return reply
        .headers(headers)
        .type(type)
        .send(readFileSync(join(folder, name)));
    });
    await app.register(visitorRoute(clickhouse, { project_id, env: "live" }));
  };
}
