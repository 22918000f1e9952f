import { userHash } from "@millimetric/track-node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { adminToken } from "../platform.ts";
import { follow, open, type Shop, startShop } from "./shop.ts";

let shop: Shop;
beforeAll(async () => {
  shop = await startShop();
});
afterEach(() => shop.empty());
afterAll(() => shop.close());

test("who events carry: nobody, the user from identify to logout, the next user after a switch, a new visitor after reset", async () => {
  const page = await open(await shop.visitor(), shop.at("/"));
  const ids = await page.evaluate(() => {
    const { mm } = window;
    mm.track("browsed");
    // On logout, by accident: nothing but a warning.
    const refused = [undefined, "", " ", "undefined", "null", "[object Object]", mm.getAnonymousId()].map((id) =>
      mm.identify(id as string),
    );
    mm.track("still_browsed");
    mm.identify("user_42", { plan: "pro" });
    mm.track("bought");
    mm.identify("user_42"); // on every page is fine
    mm.logout();
    mm.track("logged_out");
    mm.identify(7);
    mm.track("switched");
    const before = mm.getAnonymousId();
    mm.reset();
    mm.track("stranger");
    return { refused, before, after: mm.getAnonymousId() };
  });
  expect(ids.refused).toEqual(Array(7).fill(undefined));
  const rows = await shop.stored(10);
  expect(rows.map(({ event_name, user_id }) => [event_name, user_id])).toEqual([
    ["$pageview", null],
    ["browsed", null],
    ["still_browsed", null],
    ["$identify", "user_42"],
    ["bought", "user_42"],
    ["$identify", "user_42"],
    ["logged_out", null],
    ["$identify", "7"],
    ["switched", "7"],
    ["stranger", null],
  ]);
  expect(new Set(rows.slice(0, -1).map(({ anonymous_id }) => anonymous_id))).toEqual(new Set([ids.before]));
  expect(rows.at(-1)?.anonymous_id).toBe(ids.after);
  expect(ids.after).not.toBe(ids.before);
  expect(rows.at(-1)?.session_id).not.toBe(rows[0]?.session_id);
});

test("the user stays from page to page, on every tab, and so does an id from elsewhere", async () => {
  const visitor = await shop.visitor();
  const page = await open(visitor, shop.at("/"));
  await page.evaluate(() => {
    window.mm.setAnonymousId("from-segment");
    window.mm.setAnonymousId("undefined");
    window.mm.identify("user_42");
  });
  await follow(page, shop.at("/next"));
  const other = await open(visitor, shop.at("/other"));
  await other.evaluate(() => window.mm.logout());
  await page.evaluate(() => window.mm.track("after"));
  const rows = await shop.stored(5);
  expect(rows.map(({ path, anonymous_id, user_id }) => [path, anonymous_id, user_id]).slice(1)).toEqual([
    ["/", "from-segment", "user_42"],
    ["/next", "from-segment", "user_42"],
    ["/other", "from-segment", "user_42"],
    ["/next", "from-segment", null],
  ]);
});

test("with its proof a user is believed where the project wants one, on every event until logout, and not without", async () => {
  const project = `/admin/v1/projects/${shop.project.project_id}`;
  const ask = (method: string, path: string, body: unknown) =>
    shop.platform.ask(method, project + path, { key: adminToken, body });
  const { body } = await ask("POST", "/identity-secrets", { overlap_seconds: 0 });
  await ask("PATCH", "", { settings: { verified_identify: true } });
  const page = await open(await shop.visitor(), shop.at("/"));
  await page.evaluate(
    ([mine]) => {
      window.mm.identify("user_42", {}, { userHash: mine });
      window.mm.track("bought");
      window.mm.logout();
      window.mm.track("after");
      window.mm.identify("user_43", {}, { userHash: mine });
      window.mm.logout();
      window.mm.track("last");
    },
    [userHash("user_42", body.secret)] as const,
  );
  const rows = await shop.stored(5);
  expect(rows.map(({ event_name, user_id }) => [event_name, user_id])).toEqual([
    ["$pageview", null],
    ["$identify", "user_42"],
    ["bought", "user_42"],
    ["after", null],
    ["last", null],
  ]);
});

test("the cookie mirrors the visitor on the registrable domain, for 400 days, and other hosts of it share the visitor", async () => {
  shop.attributes = { cookie: "true" };
  const visitor = await shop.visitor();
  const page = await open(visitor, shop.at("/", "www.example.com"));
  const id = await page.evaluate(() => window.mm.getAnonymousId());
  const [cookie, ...others] = await visitor.cookies();
  expect(others).toEqual([]);
  expect(cookie).toMatchObject({ name: "aid", value: id, domain: ".example.com", path: "/", sameSite: "Lax" });
  expect(Math.round((Number(cookie?.expires) - Date.now() / 1000) / 86_400)).toBe(400);
  const app = await open(visitor, shop.at("/", "app.example.com"));
  expect(await app.evaluate(() => window.mm.getAnonymousId())).toBe(id);
  await app.evaluate(() => window.mm.setAnonymousId("a b;c"));
  expect(await visitor.cookies()).toMatchObject([{ value: "a%20b%3Bc", domain: ".example.com" }]);
  await follow(page, shop.at("/next", "www.example.com"));
  expect(await page.evaluate(() => window.mm.getAnonymousId())).toBe("a b;c");
});

test("a visitor whose first page came with a server's cookie is that visitor", async () => {
  shop.attributes = { cookie: "true" };
  const visitor = await shop.visitor();
  await visitor.addCookies([{ name: "aid", value: "u%3Aserver", domain: ".example.com", path: "/" }]);
  await open(visitor, shop.at("/", "www.example.com"));
  const [row] = await shop.stored(1);
  expect(row?.anonymous_id).toBe("u:server");
  expect(await visitor.cookies()).toMatchObject([{ value: "u%3Aserver", domain: ".example.com" }]);
});
