import fc from "fast-check";
import { expect, test } from "vitest";
import { idsIn, isVisitorId, setCookie } from "./cookie.ts";
import { registrableDomain } from "./domain.ts";
import { cookiesFor, type VisitorOptions, visitorOf } from "./visitor.ts";

const page = { accept: "text/html,application/xhtml+xml", host: "shop.example.com" };
const get = (headers: Record<string, string>, options: VisitorOptions = {}, url = "https://shop.example.com/") =>
  visitorOf({ headers, url }, options);

test("a new visitor who asks for a page gets an id that lasts 400 days, on the registrable domain", () => {
  const visitor = get(page);
  expect(visitor.anonymousId).toMatch(/^[0-9a-f-]{36}$/);
  expect(visitor.isNew).toBe(true);
  expect(visitor.setCookie).toEqual([
    `aid=${visitor.anonymousId}; Path=/; Domain=example.com; Max-Age=34560000; SameSite=Lax; Secure`,
  ]);
});

test("a known visitor keeps the id, and each page renews its life", () => {
  const visitor = get({ ...page, cookie: "a=1; aid=u_abc; b=2" });
  expect(visitor).toMatchObject({ anonymousId: "u_abc", isNew: false });
  expect(visitor.setCookie).toEqual(["aid=u_abc; Path=/; Domain=example.com; Max-Age=34560000; SameSite=Lax; Secure"]);
});

test.each([
  ["Sec-GPC", { "sec-gpc": "1" }],
  ["DNT", { dnt: "1" }],
])("with %s no cookie is made, renewed or read", (_, signal) => {
  expect(get({ ...page, ...signal })).toMatchObject({ anonymousId: undefined, setCookie: [] });
  expect(get({ ...page, ...signal }, { create: "always" })).toMatchObject({ anonymousId: undefined, setCookie: [] });
  expect(get({ ...page, ...signal, cookie: "aid=u" })).toMatchObject({ anonymousId: undefined, setCookie: [] });
  expect(get({ ...page, ...signal }, { respectPrivacySignals: false }).setCookie).toHaveLength(1);
});

test("what a page loads makes no id and renews none: only the page does", () => {
  const script = { host: "shop.example.com", accept: "*/*", "sec-fetch-dest": "script" };
  expect(get(script)).toMatchObject({ anonymousId: undefined, setCookie: [] });
  expect(get({ ...script, accept: "text/html" })).toMatchObject({ anonymousId: undefined, setCookie: [] });
  expect(get({ ...script, cookie: "aid=u" })).toMatchObject({ anonymousId: "u", setCookie: [] });
  expect(get(script, { create: "always" })).toMatchObject({ isNew: true });
  expect(get(page, { create: "never" })).toMatchObject({ anonymousId: undefined, setCookie: [] });
});

test("https is known from the proxy in front, the address or the socket", () => {
  const isSecure = (more: object, headers: object = {}) =>
    visitorOf({ headers: { ...page, ...headers }, ...more }).setCookie[0]?.endsWith("Secure");
  expect(isSecure({ url: "/" })).toBe(false);
  expect(isSecure({ url: "http://shop.example.com/" })).toBe(false);
  expect(isSecure({ url: "/", socket: { encrypted: true } })).toBe(true);
  expect(isSecure({ url: "/", protocol: "https" })).toBe(true);
  expect(isSecure({ url: "/" }, { "x-forwarded-proto": "https,http" })).toBe(true);
  expect(isSecure({ url: "https://a.example/" }, { "x-forwarded-proto": "http" })).toBe(false);
});

test("of two cookies of the name the first counts, as in the browser, and one remains", () => {
  const visitor = get({ ...page, cookie: "aid=first; aid=second" });
  expect(visitor.anonymousId).toBe("first");
  expect(visitor.setCookie).toEqual([
    "aid=; Path=/; Max-Age=0; SameSite=Lax; Secure",
    "aid=first; Path=/; Domain=example.com; Max-Age=34560000; SameSite=Lax; Secure",
  ]);
});

test.each(["", "undefined", "null", "000", "%E0%A4%A", "a%00b", "a%0Ab", "x".repeat(129), '"guest"'])(
  "a cookie that cannot be an id (%j) counts as none",
  (value) => {
    expect(get({ ...page, cookie: `aid=${value}` }).isNew).toBe(true);
  },
);

test("the domain may be named; a host outside of it gets a cookie of its own", () => {
  const domainOf = (host: string, domain?: string) =>
    /Domain=([^;]+)/.exec(cookiesFor("u", { headers: { host } }, { domain })[0] ?? "")?.[1];
  expect(domainOf("a.b.example.co.jp:8080", "b.example.co.jp")).toBe("b.example.co.jp");
  expect(domainOf("evil-example.com", "example.com")).toBeUndefined();
  expect(domainOf("localhost:3000", "example.com")).toBeUndefined();
});

test("an id from elsewhere becomes the visitor's, unless it can be nobody's", () => {
  const request = { headers: { host: "shop.example.com", cookie: "aid=old; aid=older" } };
  expect(cookiesFor("ajs 1", request)).toEqual([
    "aid=; Path=/; Max-Age=0; SameSite=Lax",
    "aid=ajs%201; Path=/; Domain=example.com; Max-Age=34560000; SameSite=Lax",
  ]);
  expect(() => cookiesFor("undefined", request)).toThrow("would not take");
});

test.each([".example.com", "example.com; Secure", "EXAMPLE.com", "", "a\r\nb"])("refuses the domain %j", (domain) => {
  expect(() => get(page, { domain })).toThrow("domain must be a host name");
});

test.each([
  ["example.com", "example.com"],
  ["www.shop.example.com:8443", "example.com"],
  ["WWW.Example.COM.", "example.com"],
  ["shop.example.co.uk", "example.co.uk"],
  ["example.com.au", "example.com.au"],
  ["shop.example.de", "example.de"],
  ["co.uk", undefined],
  ["app.vercel.app", "app.vercel.app"],
  ["a.app.vercel.app", "app.vercel.app"],
  ["vercel.app", undefined],
  ["x.up.railway.app", "x.up.railway.app"],
  ["localhost", undefined],
  ["127.0.0.1:3000", undefined],
  ["[::1]:3000", undefined],
  ["", undefined],
  ["evil;Domain=com", undefined],
])("the registrable domain of %s is %s", (host, domain) => {
  expect(registrableDomain(host)).toBe(domain);
});

test("whatever a host is called, its domain is a part of it, and more than its last label", () => {
  fc.assert(
    fc.property(fc.oneof(fc.domain(), fc.string(), fc.ipV4(), fc.ipV6()), (host) => {
      const domain = registrableDomain(host);
      if (domain === undefined) return;
      expect(`.${host.toLowerCase()}`.endsWith(`.${domain}`)).toBe(true);
      expect(domain).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
    }),
    { seed: 1, numRuns: 2_000 },
  );
});

test("whatever id is written comes back, alone among other cookies, and breaks out of no header", () => {
  const id = fc.string({ unit: "binary", minLength: 1, maxLength: 128 }).filter(isVisitorId);
  fc.assert(
    fc.property(id, (one) => {
      const cookie = setCookie(one, { domain: "example.com", secure: true, maxAgeSeconds: 1 });
      expect(cookie).toMatch(/^aid=[^;,\s]+; Path=\/; Domain=example\.com; Max-Age=1; SameSite=Lax; Secure$/);
      expect(idsIn(`a=1; ${cookie.split("; ")[0]}; aidx=2`)).toEqual([one]);
    }),
    { seed: 2, numRuns: 2_000 },
  );
});

test("whatever the Cookie header says, reading it never throws and finds only ids", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((value) => `x=1;aid=${value};aid=u`),
  );
  fc.assert(
    fc.property(text, (cookie) => idsIn(cookie).every(isVisitorId)),
    { seed: 3, numRuns: 2_000 },
  );
});

test("forward gives the next handler the id that was just made, beside the other cookies", () => {
  const visitor = get({ ...page, cookie: "session=s; aid=undefined", "x-other": "1" });
  const headers = visitor.forward();
  expect(headers.get("cookie")).toBe(`session=s; aid=${visitor.anonymousId}`);
  expect(headers.get("x-other")).toBe("1");
  expect(visitorOf({ headers })).toMatchObject({ anonymousId: visitor.anonymousId, isNew: false });
});

test("applyTo adds the cookie to any answer, beside its others, and keeps it out of shared caches", () => {
  const visitor = visitorOf(new Request("https://shop.example.com/", { headers: { accept: "text/html" } }));
  const own = visitor.applyTo(new Response("hi", { headers: { "set-cookie": "session=s" } }));
  expect(own.headers.getSetCookie()).toEqual(["session=s", ...visitor.setCookie]);
  expect(own.headers.get("cache-control")).toBe("private");
  const redirect = visitor.applyTo(Response.redirect("https://shop.example.com/next", 303));
  expect([redirect.status, redirect.headers.get("location")]).toEqual([303, "https://shop.example.com/next"]);
  expect(redirect.headers.getSetCookie()).toEqual(visitor.setCookie);
  const cached = visitor.applyTo(new Response("", { headers: { "cache-control": "no-store" } }));
  expect(cached.headers.get("cache-control")).toBe("no-store");
  const known = visitorOf({ headers: { cookie: "aid=u" } });
  expect(known.applyTo(new Response("")).headers.getSetCookie()).toEqual([]);
});
