import { join } from "node:path";
import type { QueryLimits } from "@millimetric/clickhouse";
import { Type } from "typebox";
import Value from "typebox/value";
import type { RequestLimits } from "./http/limits.ts";
import type { EnrichmentOptions } from "./ingest/enrichment.ts";

const text = (description: string, fallback?: string) =>
  Type.String({ minLength: 1, description, ...(fallback === undefined ? {} : { default: fallback }) });

const secret = (description: string) => Type.Optional(Type.String({ minLength: 16, description }));

/** Every environment variable the API reads; the table in README.md repeats it and a test compares the two. */
export const Environment = Type.Object({
  PORT: Type.Integer({
    minimum: 0,
    maximum: 65535,
    default: 8787,
    description: "Port to listen on; 0 takes a free one.",
  }),
  HOST: text("Address to listen on.", "127.0.0.1"),
  DATA_DIR: text("Folder of the embedded ClickHouse and its generated secrets.", "./.data"),
  CLICKHOUSE_URL: Type.Optional(
    Type.String({
      pattern: "^https?://",
      description:
        "A ClickHouse server, or the servers of a cluster separated by commas; without it the embedded engine runs in DATA_DIR.",
    }),
  ),
  CLICKHOUSE_USER: text("User on that server.", "default"),
  CLICKHOUSE_PASSWORD: Type.String({ default: "", description: "Password of that user." }),
  CLICKHOUSE_DATABASE: text("Database on that server.", "default"),
  INSERT_TIMEOUT_SECONDS: Type.Number({
    minimum: 0.1,
    maximum: 60,
    default: 5,
    description: "After this long an insert counts as failed, and the spool takes the events.",
  }),
  SPOOL_DIR: Type.Optional(
    Type.String({
      minLength: 1,
      description:
        "Folder of the spool, of this process alone, on a disk that outlives it. Default: `spool` in DATA_DIR.",
    }),
  ),
  SPOOL_MAX_BYTES: Type.Integer({
    minimum: 1_000_000,
    default: 1_073_741_824,
    description: "Bytes the spool may hold; when it is full, ingest answers 503.",
  }),
  RATE_LIMIT_KEY_PER_SECOND: Type.Integer({
    minimum: 1,
    default: 5_000,
    description: "Requests per second of one API key, on one instance; beyond it 429.",
  }),
  RATE_LIMIT_ADDRESS_PER_SECOND: Type.Integer({
    minimum: 1,
    default: 2_000,
    description: "Requests per second from one client address, on one instance; beyond it 429.",
  }),
  QUERY_MAX_SECONDS: Type.Number({
    minimum: 0.1,
    maximum: 600,
    default: 30,
    description: "A read that takes longer is ended and answered with 503.",
  }),
  QUERY_MAX_MEMORY_BYTES: Type.Integer({
    minimum: 1_000_000,
    default: 2_000_000_000,
    description: "So is one that needs more memory in ClickHouse.",
  }),
  QUERY_MAX_ROWS: Type.Integer({
    minimum: 100,
    default: 2_000_000_000,
    description: "So is one that would look at more rows.",
  }),
  MAX_EVENT_LOOP_DELAY_MS: Type.Integer({
    minimum: 50,
    default: 1_000,
    description: "Event-loop delay beyond which ingest answers 503, so that what was begun is answered in time.",
  }),
  ADMIN_TOKEN: secret(
    "Bearer token of the admin API, 16 characters or more. Generated when embedded, required with CLICKHOUSE_URL.",
  ),
  KEY_PEPPER: secret(
    "Secret that API keys are hashed with, 16 characters or more. Generated when embedded, required with CLICKHOUSE_URL.",
  ),
  DEMO: Type.Optional(
    Type.Boolean({
      description:
        "Serve the demo shop at /demo, to everybody who reaches HOST. Default: with the embedded engine and a HOST of this machine alone.",
    }),
  ),
  LOG_LEVEL: Type.Enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"], {
    default: "warn",
    description: "Least severe log lines to print: fatal, error, warn, info, debug, trace or silent.",
  }),
  SHUTDOWN_GRACE_SECONDS: Type.Number({
    minimum: 0,
    maximum: 600,
    default: 0,
    description: "How long to keep serving after SIGTERM while /readyz says 503.",
  }),
  TRUST_PROXY: Type.Boolean({ default: false, description: "Take the client's address from X-Forwarded-For." }),
  GEOIP_DB: Type.Optional(text("MaxMind database file, for the country of visitors; their addresses are never kept.")),
  COUNTRY_HEADER: Type.Optional(
    text("Header in which a trusted proxy tells the visitor's country, such as `cloudfront-viewer-country`."),
  ),
  SCRUB_PARAMS: Type.Optional(
    text(
      "Parameters to cut from stored URLs beside tokens, passwords, e-mail addresses and the like; separated by commas.",
    ),
  ),
});

export interface Config {
  port: number;
  host: string;
  dataDir: string;
  /** Absent: the embedded engine. */
  server?: { urls: string[]; user: string; password: string; database: string };
  spool: { folder: string; maxBytes: number };
  insertTimeoutMs: number;
  limits: RequestLimits;
  queries: QueryLimits;
  adminToken?: string;
  keyPepper?: string;
  /** Whether the demo shop is served. */
  demo: boolean;
  logLevel: string;
  shutdownGraceSeconds: number;
  trustProxy: boolean;
  enrichment: EnrichmentOptions;
}

/** The environment cannot be used; the message lists every problem. */
export class ConfigError extends Error {
  readonly code = "invalid_config";
}

/** Reads the environment. An empty variable counts as absent. @throws ConfigError */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(
    Object.keys(Environment.properties).flatMap((name) => (env[name] ? [[name, env[name]]] : [])),
  );
  const value = Value.Convert(Environment, Value.Default(Environment, given));
  const problems = [...Value.Errors(Environment, value)].map(
    (error) => `${error.instancePath.slice(1) || "environment"} ${error.message}`,
  );
  const urls = given["CLICKHOUSE_URL"]?.split(",").map((url) => url.trim());
  if (urls !== undefined) {
    for (const name of ["ADMIN_TOKEN", "KEY_PEPPER"]) {
      if (given[name] === undefined) problems.push(`${name} is required with CLICKHOUSE_URL`);
    }
    for (const url of urls)
      if (!/^https?:/.test(url) || !URL.canParse(url)) problems.push("CLICKHOUSE_URL is not a URL");
  }
  if (urls !== undefined && (value as { DEMO?: unknown }).DEMO === true)
    problems.push("DEMO needs the embedded engine: unset CLICKHOUSE_URL");
  if (problems.length > 0) throw new ConfigError(`the environment has problems:\n  - ${problems.join("\n  - ")}`);

  const ok = Value.Parse(Environment, value);
  return {
    port: ok.PORT,
    host: ok.HOST,
    dataDir: ok.DATA_DIR,
    ...(urls === undefined
      ? {}
      : {
          server: {
            urls,
            user: ok.CLICKHOUSE_USER,
            password: ok.CLICKHOUSE_PASSWORD,
            database: ok.CLICKHOUSE_DATABASE,
          },
        }),
    spool: { folder: ok.SPOOL_DIR ?? join(ok.DATA_DIR, "spool"), maxBytes: ok.SPOOL_MAX_BYTES },
    insertTimeoutMs: ok.INSERT_TIMEOUT_SECONDS * 1000,
    queries: {
      maxExecutionTime: ok.QUERY_MAX_SECONDS,
      maxMemoryUsage: ok.QUERY_MAX_MEMORY_BYTES,
      maxRowsToRead: ok.QUERY_MAX_ROWS,
    },
    limits: {
      keyPerSecond: ok.RATE_LIMIT_KEY_PER_SECOND,
      addressPerSecond: ok.RATE_LIMIT_ADDRESS_PER_SECOND,
      maxEventLoopDelay: ok.MAX_EVENT_LOOP_DELAY_MS,
    },
    ...(ok.ADMIN_TOKEN === undefined ? {} : { adminToken: ok.ADMIN_TOKEN }),
    ...(ok.KEY_PEPPER === undefined ? {} : { keyPepper: ok.KEY_PEPPER }),
    demo: urls === undefined && (ok.DEMO ?? isLoopback(ok.HOST)),
    logLevel: ok.LOG_LEVEL,
    shutdownGraceSeconds: ok.SHUTDOWN_GRACE_SECONDS,
    trustProxy: ok.TRUST_PROXY,
    enrichment: {
      ...(ok.GEOIP_DB === undefined ? {} : { geoipDb: ok.GEOIP_DB }),
      ...(ok.COUNTRY_HEADER === undefined ? {} : { countryHeader: ok.COUNTRY_HEADER.toLowerCase() }),
      scrubParams: (ok.SCRUB_PARAMS ?? "").split(",").flatMap((name) => name.trim() || []),
    },
  };
}

/** Whether only this machine reaches an address. */
const isLoopback = (host: string) => host === "localhost" || host === "::1" || /^127(\.\d+){3}$/.test(host);

/** Where the embedded engine keeps its files. */
export const engineFolder = (config: Pick<Config, "dataDir">) => join(config.dataDir, "clickhouse");
