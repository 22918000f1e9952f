import { createServer, type RequestListener, type Server } from "node:http";
import type { Snippets } from "./snippets.ts";

type Handle = (request: Request) => Promise<Response>;

interface NextApp {
  proxy(request: Request): Response;
}
type Route = Record<"GET" | "POST", Handle>;

/** Next.js in short: the proxy first, then, with the headers it wants the page to see, the route; cookies of both in the answer. */
async function nextApp(snippets: Snippets): Promise<Handle> {
  const { proxy } = await snippets.load<NextApp>("next/proxy.ts");
  const signup = await snippets.load<Route>("next/app/signup/route.ts");
  const events = await snippets.load<Route>("next/app/mm/[...path]/route.ts");
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/mm/")) return events.POST(request);
    const passed = proxy(request);
    const names = passed.headers.get("x-middleware-override-headers")?.split(",") ?? [];
    const seen = new Headers(names.map((name) => [name, passed.headers.get(`x-middleware-request-${name}`) ?? ""]));
    const body = request.method === "POST" ? await request.text() : null;
    const answer =
      pathname === "/signup"
        ? await signup.POST(new Request(request.url, { method: "POST", headers: seen, body }))
        : new Response(`<h1>${seen.get("cookie")}</h1>`);
    for (const cookie of passed.headers.getSetCookie()) answer.headers.append("set-cookie", cookie);
    return answer;
  };
}

/** Whatever answers a `Request`, as a server. */
const served =
  (handle: Handle): RequestListener =>
  async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
    const body = incoming.method === "POST" ? { body: Buffer.concat(chunks) } : {};
    const url = `http://${incoming.headers.host}${incoming.url}`;
    const answer = await handle(new Request(url, { method: incoming.method ?? "GET", headers, ...body }));
    outgoing.setHeader("set-cookie", answer.headers.getSetCookie());
    outgoing.writeHead(answer.status).end(await answer.text());
  };

const sites = {
  async Express(snippets: Snippets) {
    const { app } = await snippets.load<{ app: RequestListener }>("express.ts");
    return createServer(app);
  },
  async Fastify(snippets: Snippets) {
    const { app } = await snippets.load<{ app: { ready(): Promise<unknown>; server: Server } }>("fastify.ts");
    await app.ready();
    return app.server;
  },
  "Next.js": async (snippets: Snippets) => createServer(served(await nextApp(snippets))),
  async "Request and Response"(snippets: Snippets) {
    const { handle } = await snippets.load<{ handle: Handle }>("fetch.ts");
    return createServer(served(handle));
  },
};

export type SiteName = keyof typeof sites;
export const siteNames = Object.keys(sites) as SiteName[];

/** A site of docs/recipes/server-side.md, listening on a free port of the loopback. */
export async function startSite(name: SiteName, snippets: Snippets): Promise<Server> {
  const site = await sites[name](snippets);
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  return site;
}
