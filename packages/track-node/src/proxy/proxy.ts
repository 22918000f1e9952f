import { type ErrorCode, errorCodes, limits } from "@millimetric/contracts";
import { fromEnvironment } from "../environment.ts";
import { bounded } from "./bounded.ts";
import { queryOf, requestHeaders, responseHeaders } from "./headers.ts";

/** Options of the ingest proxy. */
export interface ProxyOptions {
  /** Base URL of the API. @default the environment variable MILLIMETRIC_HOST or AOA_HOST */
  host?: string | undefined;
  /** Where the proxy stands on your site; the browser SDK gets your origin and this path as its `host`. @default "/mm" */
  path?: string | undefined;
  /** Larger bodies are answered 413. @default 4194304 (4 MiB, what the API takes) */
  maxBodyBytes?: number | undefined;
  /** Time for one request and its answer, in milliseconds. @default 15000 */
  timeoutMs?: number | undefined;
  /**
   * The visitor's address, by which the API finds the country and limits rates; the API keeps none. It trusts the header only with
   * `TRUST_PROXY`. @default what Express, Fastify or Node say; none for a plain `Request`
   */
  clientAddress?: ((request: Request) => string | undefined) | undefined;
  /** Sends the requests. @default the global `fetch` */
  fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
}

export interface IngestProxy {
  /** Without a slash at the end. */
  readonly path: string;
  /** Answers a request under `path`. Never rejects. */
  handle(request: Request, clientAddress?: string | undefined): Promise<Response>;
}

/** All that can be reached through the proxy; the address that is asked for is compared with it, and never put together from the request. */
const routes = new Set(["POST /v1/track", "POST /v1/batch", "POST /v1/identify", "GET /v1/a.js"]);
/** The browser SDK under the address of its content. */
const pinnedScript = /^GET \/v1\/a\.[0-9a-f]{16}\.js$/;

/**
 * A handler that passes events of browsers on to the API from your own origin. Only the ingest calls pass, only with a `pk_…` key, and
 * only the headers they need.
 *
 * @throws {TypeError} when an option is wrong
 */
export function createIngestProxy(options: ProxyOptions = {}): IngestProxy {
  const { maxBodyBytes = limits.bodyBytes, timeoutMs = 15_000, clientAddress, fetch = globalThis.fetch } = options;
  const path = checkedPath(options.path ?? "/mm");
  const host = checkedHost(options.host);

  async function handle(request: Request, address = clientAddress?.(request)): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const route = pathname.startsWith(`${path}/`) ? pathname.slice(path.length) : "";
    const call = `${request.method} ${route}`;
    if (!routes.has(call) && !pinnedScript.test(call))
      return refusal("not_found", "The proxy passes ingest calls only.");
    if (Number(request.headers.get("content-length") ?? 0) > maxBodyBytes) return tooLarge();
    const body = request.body === null ? undefined : bounded(request.body, maxBodyBytes);
    try {
      const answer = await fetch(`${host}${route}${queryOf(searchParams)}`, {
        method: request.method,
        headers: requestHeaders(request.headers, address),
        body: body?.stream,
        // The API redirects nobody; whoever does is not the API.
        redirect: "manual",
        signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]),
        ...(body === undefined ? {} : { duplex: "half" }),
      } as RequestInit);
      if (answer.status >= 300 && answer.status !== 304 && answer.status < 400) return unavailable();
      return new Response(answer.body, { status: answer.status, headers: responseHeaders(answer.headers) });
    } catch {
      return body?.isOver() ? tooLarge() : unavailable();
    }
  }

  const tooLarge = () => refusal("payload_too_large", `The body is over ${maxBodyBytes} bytes.`);
  return { path, handle };
}

/** In the API's own shape, so that the browser SDK sees no difference. */
function refusal(code: ErrorCode, message: string, headers: Record<string, string> = {}): Response {
  const body = { error: code, message, request_id: crypto.randomUUID() };
  return Response.json(body, { status: errorCodes[code].status, headers });
}

const unavailable = () =>
  refusal("upstream_unavailable", "The API cannot be reached now.", {
    "retry-after": "5",
    "cache-control": "no-store",
  });

function checkedPath(path: string): string {
  if (!/^(\/[\w.~-]+)+$/.test(path) || path.split("/").some((part) => /^\.+$/.test(part)))
    throw new TypeError(`path must look like /mm, but is ${JSON.stringify(path)}.`);
  return path;
}

function checkedHost(given: unknown): string {
  const host = given ?? fromEnvironment("MILLIMETRIC_HOST", "AOA_HOST");
  if (host === undefined)
    throw new TypeError("no host. Pass { host } with the URL of your API, or set MILLIMETRIC_HOST.");
  const url = typeof host === "string" && URL.canParse(host) ? new URL(host) : undefined;
  if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== "" ||
    url.search !== "" ||
    url.hash !== ""
  )
    throw new TypeError("host must be a URL with http:// or https://, without user name, ? and #.");
  return url.origin + url.pathname.replace(/\/+$/, "");
}
