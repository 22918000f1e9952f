import { visitorCookie } from "@millimetric/contracts";
import { idsIn, isVisitorId, setCookie, withId } from "./cookie.ts";
import { isWithin, registrableDomain } from "./domain.ts";
import { asksForPage, header, objects, type RequestHeaders } from "./headers.ts";

/** How the `aid` cookie is kept. */
export interface VisitorOptions {
  /**
   * The cookie's domain, such as `example.com`: every host of it shares the visitor. A request to a host outside of it sets a cookie of
   * that host alone. @default the registrable domain by rule of thumb, which does not know every public suffix
   */
  domain?: string | undefined;
  /** Whether the cookie travels by https alone. @default true when the request came by https */
  secure?: boolean | undefined;
  /** How long the cookie lives after the last visit, in seconds. @default 34560000 (400 days, the most browsers allow) */
  maxAgeSeconds?: number | undefined;
  /**
   * When a visitor without a cookie gets one: with `pages`, only when a page is asked for, so that the requests of one page cannot make
   * several; `always`; or `never`. @default "pages"
   */
  create?: "pages" | "always" | "never" | undefined;
  /** With `Sec-GPC: 1` or `DNT: 1` the cookie is neither read nor set. @default true */
  respectPrivacySignals?: boolean | undefined;
}

/** What is needed of a request: `Request`, `NextRequest`, Express', Fastify's and Node's own fit, and Next.js' `headers()` as `headers`. */
export interface VisitorRequest {
  readonly headers: RequestHeaders;
  readonly url?: string | undefined;
  /** Of Express and Fastify. */
  readonly protocol?: string | undefined;
  /** Of Node's own server. */
  readonly socket?: object | null | undefined;
}

/** Who makes a request. */
export interface Visitor {
  /** For `anonymous_id`; `undefined` when there is no cookie, and none is made. */
  readonly anonymousId: string | undefined;
  /** Whether the id was made just now. */
  readonly isNew: boolean;
  /** Values for `Set-Cookie` headers of the answer; empty when there is nothing to set. */
  readonly setCookie: readonly string[];
  /** The request's headers with the cookie in them, for who handles it after a middleware. */
  forward(): Headers;
  /** The answer with the cookie in it, and kept out of shared caches unless it says otherwise. */
  applyTo<Answer extends Response>(response: Answer): Answer;
}

/**
 * Reads the visitor's id from the first-party `aid` cookie, the one that the browser SDK mirrors its own id in; makes one for a new
 * visitor, and renews the cookie's life. Send what `setCookie` says with the answer.
 *
 * @throws {TypeError} when an option is wrong
 *
 * @example
 * const visitor = visitorOf(request);
 * track({ event: "signup", user_id: user.id, anonymous_id: visitor.anonymousId });
 * return visitor.applyTo(Response.json({ ok: true }));
 */
export function visitorOf(request: VisitorRequest, options: VisitorOptions = {}): Visitor {
  checkOptions(options);
  const { headers } = request;
  const { create = "pages", respectPrivacySignals = true } = options;
  if (respectPrivacySignals && objects(headers)) return visitor(headers, undefined, false, []);
  const ids = idsIn(header(headers, "cookie"));
  const isPage = asksForPage(headers);
  const [known] = ids;
  if (known !== undefined) {
    const renew = isPage && create !== "never";
    return visitor(headers, known, false, renew ? cookies(known, request, options, ids.length) : []);
  }
  if (create === "never" || (create === "pages" && !isPage)) return visitor(headers, undefined, false, []);
  const made = crypto.randomUUID();
  return visitor(headers, made, true, cookies(made, request, options, 0));
}

/**
 * `Set-Cookie` values that give the visitor an id which you have from elsewhere.
 *
 * @throws {TypeError} when the id or an option is wrong
 */
export function cookiesFor(id: string, request: VisitorRequest, options: VisitorOptions = {}): readonly string[] {
  checkOptions(options);
  if (!isVisitorId(id)) throw new TypeError(`the API would not take ${JSON.stringify(id)} as anonymous_id.`);
  return cookies(id, request, options, idsIn(header(request.headers, "cookie")).length);
}

/** `present`: how many cookies of the name the request has. */
function cookies(id: string, request: VisitorRequest, options: VisitorOptions, present: number): readonly string[] {
  const { maxAgeSeconds = visitorCookie.maxAgeSeconds } = options;
  const host = header(request.headers, "host") || hostOf(request.url);
  const domain = options.domain === undefined ? registrableDomain(host) : within(host, options.domain);
  const secure = options.secure ?? cameByHttps(request);
  const cookie = setCookie(id, { domain, secure, maxAgeSeconds });
  if (present < 2 || domain === undefined) return [cookie];
  // Of several the first counts, here and in the browser. One that a host set for itself gives way to the domain's.
  return [setCookie("", { domain: undefined, secure, maxAgeSeconds: 0 }), cookie];
}

function visitor(
  headers: RequestHeaders,
  anonymousId: string | undefined,
  isNew: boolean,
  setCookies: readonly string[],
) {
  return {
    anonymousId,
    isNew,
    setCookie: setCookies,
    forward() {
      const forwarded = toHeaders(headers);
      if (anonymousId !== undefined) forwarded.set("cookie", withId(header(headers, "cookie"), anonymousId));
      return forwarded;
    },
    applyTo: <Answer extends Response>(response: Answer): Answer =>
      setCookies.length === 0 ? response : withCookies(response, setCookies),
  };
}

function checkOptions({ domain, maxAgeSeconds }: VisitorOptions): void {
  if (domain !== undefined && !/^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(domain))
    throw new TypeError(
      `domain must be a host name in lower case without a leading dot, but is ${JSON.stringify(domain)}.`,
    );
  if (maxAgeSeconds !== undefined && !(Number.isInteger(maxAgeSeconds) && maxAgeSeconds > 0))
    throw new TypeError(`maxAgeSeconds must be a whole number above 0, but is ${maxAgeSeconds}.`);
}

const within = (host: string, domain: string) => (isWithin(host, domain) ? domain : undefined);

const hostOf = (url: string | undefined) => (url !== undefined && URL.canParse(url) ? new URL(url).host : "");

function cameByHttps({ headers, url, protocol, socket }: VisitorRequest): boolean {
  // Said by the proxy in front, or by the client of its own cookie: nothing to be gained by a lie.
  const forwarded = header(headers, "x-forwarded-proto").split(",")[0]?.trim();
  if (forwarded) return forwarded === "https";
  const isTls = socket != null && "encrypted" in socket && socket.encrypted === true;
  return isTls || protocol === "https" || (url?.startsWith("https:") ?? false);
}

function toHeaders(headers: RequestHeaders): Headers {
  if (headers instanceof Headers) return new Headers(headers);
  return new Headers(Object.keys(headers).map((name): [string, string] => [name, header(headers, name)]));
}

function withCookies<Answer extends Response>(response: Answer, setCookies: readonly string[]): Answer {
  const add = (answer: Answer) => {
    for (const value of setCookies) answer.headers.append("set-cookie", value);
    if (!answer.headers.has("cache-control")) answer.headers.set("cache-control", "private");
    return answer;
  };
  try {
    return add(response);
  } catch {
    // Headers of an answer that was fetched cannot be changed: those of a copy can.
    return add(new Response(response.body, response) as Answer);
  }
}
