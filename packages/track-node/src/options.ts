import { limits } from "@millimetric/contracts";
import { fromEnvironment } from "./environment.ts";
import { MillimetricError } from "./errors.ts";

/** What the SDK needs of `fetch`: the global one and any wrapper of it fit. */
export type FetchLike = (url: string, init: FetchInit) => Promise<FetchAnswer>;

export interface FetchInit {
  method: "POST";
  headers: Record<string, string>;
  body: string | Uint8Array<ArrayBuffer>;
  redirect: "manual";
  signal: AbortSignal;
}

export interface FetchAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

/** Options of `init` and `new Millimetric`. */
export interface Options {
  /** Secret key of the project, `sk_…`. @default the environment variable MILLIMETRIC_KEY or AOA_SK */
  key?: string | undefined;
  /** Base URL of the API. @default the environment variable MILLIMETRIC_HOST or AOA_HOST */
  host?: string | undefined;
  /** Sends as soon as this many events wait (1 to 1000); 1 sends each at once. @default 100 */
  flushAt?: number | undefined;
  /** Sends when the oldest waiting event is this old, in milliseconds. @default 1000 */
  flushIntervalMs?: number | undefined;
  /** Events that may wait; above it the oldest are dropped and counted. @default 100000 */
  maxQueueSize?: number | undefined;
  /** Bytes of events that may wait; above it the oldest are dropped and counted. @default 67108864 (64 MiB) */
  maxQueueBytes?: number | undefined;
  /** Tries of one request after the first. @default Infinity: `retryForMs` is the limit */
  maxRetries?: number | undefined;
  /** No try of a request starts later than this after its first one, in milliseconds. @default 600000 (10 minutes) */
  retryForMs?: number | undefined;
  /** Time for one request, answer included, in milliseconds. @default 10000 */
  requestTimeoutMs?: number | undefined;
  /** Time that a process which ends by itself is kept for its last events, in milliseconds; 0 for none. @default 5000 */
  exitTimeoutMs?: number | undefined;
  /** Bodies of at least this many bytes are sent with gzip; Infinity for none. @default 1024 */
  gzipAtBytes?: number | undefined;
  /** Sends the requests. @default the global `fetch` */
  fetch?: FetchLike | undefined;
  /** Told of every lost event, and once of each request that is being tried again. @default one process warning per code */
  onError?: ((error: MillimetricError) => void) | undefined;
  /** When aborted, the client stops at once: a running request is cut, and waiting events are dropped and reported. */
  signal?: AbortSignal | undefined;
}

/** Options with every default filled in. */
export interface Settings {
  readonly key: string;
  /** Without a slash at the end. */
  readonly host: string;
  readonly flushAt: number;
  readonly flushIntervalMs: number;
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
  readonly maxRetries: number;
  readonly retryForMs: number;
  readonly requestTimeoutMs: number;
  readonly exitTimeoutMs: number;
  readonly gzipAtBytes: number;
  readonly fetch: FetchLike;
  readonly onError: ((error: MillimetricError) => void) | undefined;
  readonly signal: AbortSignal | undefined;
}

interface NumberRule {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** Whether Infinity, meaning "no limit", is fine, too. */
  readonly unlimited?: true;
}

/** Longest delay of a timer, in milliseconds: above it timers fire at once. */
const longestDelay = 2 ** 31 - 1;

const numbers = {
  flushAt: { value: 100, min: 1, max: limits.batchEvents },
  flushIntervalMs: { value: 1000, min: 0, max: longestDelay },
  maxQueueSize: { value: 100_000, min: 1, max: Number.MAX_SAFE_INTEGER },
  maxQueueBytes: { value: 64 * 1024 * 1024, min: 1, max: Number.MAX_SAFE_INTEGER },
  maxRetries: { value: Number.POSITIVE_INFINITY, min: 0, max: Number.MAX_SAFE_INTEGER, unlimited: true },
  retryForMs: { value: 600_000, min: 0, max: longestDelay },
  requestTimeoutMs: { value: 10_000, min: 1, max: longestDelay },
  exitTimeoutMs: { value: 5_000, min: 0, max: longestDelay },
  gzipAtBytes: { value: 1024, min: 0, max: Number.MAX_SAFE_INTEGER, unlimited: true },
} as const satisfies Record<string, NumberRule>;

type NumberOption = keyof typeof numbers;

const invalid = (message: string) => new MillimetricError("invalid_options", message);

const show = (value: unknown) => (typeof value === "string" ? JSON.stringify(value) : String(value));

function numberOption(options: Options, name: NumberOption): number {
  const rule: NumberRule = numbers[name];
  const value: unknown = options[name];
  if (value === undefined) return rule.value;
  if (rule.unlimited && value === Number.POSITIVE_INFINITY) return value;
  if (typeof value === "number" && Number.isInteger(value) && value >= rule.min && value <= rule.max) return value;
  const range = `a whole number from ${rule.min} to ${rule.max}${rule.unlimited ? ", or Infinity" : ""}`;
  throw invalid(`${name} must be ${range}, but is ${show(value)}.`);
}

function keyOption(given: unknown): string {
  const key = given ?? fromEnvironment("MILLIMETRIC_KEY", "AOA_SK");
  if (key === undefined || key === "")
    throw invalid("no key. Pass init({ key }) with an sk_… key, or set MILLIMETRIC_KEY (or AOA_SK).");
  if (typeof key !== "string") throw invalid(`key must be a string, but is ${typeof key}.`);
  if (key.startsWith("pk_"))
    throw invalid("key is a pk_… key, which the API takes only from browsers. Servers need an sk_… key.");
  if (key.startsWith("rk_")) throw invalid("key is an rk_… key, which only reads. Sending events needs an sk_… key.");
  if (!/^sk_(live|test)_[\x21-\x7e]+$/.test(key)) throw invalid("key must have the form sk_live_… or sk_test_….");
  return key;
}

function hostOption(given: unknown): string {
  const host = given ?? fromEnvironment("MILLIMETRIC_HOST", "AOA_HOST");
  if (host === undefined || host === "")
    throw invalid("no host. Pass init({ host }) with the URL of your API, or set MILLIMETRIC_HOST (or AOA_HOST).");
  const url = typeof host === "string" && URL.canParse(host) ? new URL(host) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw invalid(`host must be a URL with http:// or https://, but is ${show(host)}.`);
  if (url.username !== "" || url.password !== "") throw invalid("host must not contain a user name or password.");
  if (url.search !== "" || url.hash !== "") throw invalid("host must not contain ? or #.");
  return url.origin + url.pathname.replace(/\/+$/, "");
}

/** Fills in defaults and the environment. Throws `invalid_options` with what is wrong, and never shows the key. */
export function resolveOptions(options: Options): Settings {
  if (typeof options !== "object" || options === null) throw invalid("options must be an object: init({ key, host }).");
  const { fetch = globalThis.fetch, onError, signal } = options;
  if (typeof fetch !== "function") throw invalid("fetch must be a function.");
  if (onError !== undefined && typeof onError !== "function") throw invalid("onError must be a function.");
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid("signal must be an AbortSignal.");
  return {
    key: keyOption(options.key),
    host: hostOption(options.host),
    flushAt: numberOption(options, "flushAt"),
    flushIntervalMs: numberOption(options, "flushIntervalMs"),
    maxQueueSize: numberOption(options, "maxQueueSize"),
    maxQueueBytes: numberOption(options, "maxQueueBytes"),
    maxRetries: numberOption(options, "maxRetries"),
    retryForMs: numberOption(options, "retryForMs"),
    requestTimeoutMs: numberOption(options, "requestTimeoutMs"),
    exitTimeoutMs: numberOption(options, "exitTimeoutMs"),
    gzipAtBytes: numberOption(options, "gzipAtBytes"),
    fetch,
    onError,
    signal,
  };
}
