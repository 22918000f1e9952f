import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { type Encoding, encodings } from "./encoding.ts";
import type { Statement } from "./engine.ts";
import { ClickHouseException } from "./exception.ts";
import type { SessionRequest } from "./sessions.ts";
import { assertOneStatement, kindOf, type StatementKind, textOf } from "./statement.ts";

/** A request for a statement, read and understood. */
export interface StatementRequest extends Statement {
  kind: StatementKind;
  queryId: string;
  /** The whole result is made before the first byte of the answer. */
  waitEndOfQuery: boolean;
  /** Bytes of the result that are held back so long as the statement may still fail. */
  holdBack: number;
  /** Of the answer. */
  encoding: Encoding | undefined;
}

/** Bytes of a URL that a server takes (`http_max_uri_size`). */
export const longestUrl = 1_048_576;

/** What stands in the URL beside settings. */
const notSettings = new Set([
  ..."query query_id database default_format user password quota_key wait_end_of_query buffer_size stacktrace".split(
    " ",
  ),
  ..."session_id session_timeout session_check".split(" "),
]);

/** Parts of the interface that nobody here uses: better refused than half done. */
const notImplemented = ["role", "compress", "decompress"];

const decoders = {
  gzip: createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

async function readBody(message: IncomingMessage): Promise<Buffer> {
  const encoding = message.headers["content-encoding"];
  if (encoding === undefined) return buffer(message);
  const name = encodings.find((one) => one === encoding);
  if (name === undefined)
    throw new ClickHouseException(48, "NOT_IMPLEMENTED", `Unknown compression method: ${encoding}.`);
  const decoder = decoders[name]();
  // What fails, fails the reading.
  pipeline(message, decoder, () => {});
  return buffer(decoder).catch(() => {
    throw new ClickHouseException(117, "INCORRECT_DATA", `The body is not ${encoding}.`);
  });
}

/** The fields of a multipart body: the query and its parameters, as clients send them when they are too long for a URL. */
async function readForm(body: Buffer, contentType: string): Promise<[string, string][]> {
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": contentType } }).formData();
  return [...form].map(([name, value]) => [name, String(value)]);
}

/** @throws ClickHouseException for what a server would refuse before it runs anything */
export async function readRequest(message: IncomingMessage, url: URL, database: string): Promise<StatementRequest> {
  const type = message.headers["content-type"] ?? "";
  const isForm = type.startsWith("multipart/form-data");
  const body = await readBody(message);
  const fields = [...url.searchParams, ...(isForm ? await readForm(body, type) : [])];
  const given = new Map(fields);
  const unsupported = notImplemented.find((name) => given.has(name) && given.get(name) !== "0");
  if (unsupported !== undefined)
    throw new ClickHouseException(48, "NOT_IMPLEMENTED", `'${unsupported}' is not implemented by this fixture.`);

  const inUrl = given.get("query") ?? "";
  const rest = isForm || body.length === 0 ? undefined : body;
  const apart = rest !== undefined && kindOf(inUrl) === "insert";
  const sql = apart || rest === undefined ? inUrl : [inUrl, textOf(rest)].filter((one) => one !== "").join("\n");
  const kind = kindOf(sql);
  if (kind !== "insert") assertOneStatement(sql);

  const settings = new Map(fields.filter(([name]) => !name.startsWith("param_") && !notSettings.has(name)));
  // A GET only reads.
  if (message.method === "GET" && (settings.get("readonly") ?? "0") === "0") settings.set("readonly", "2");
  return {
    sql,
    ...(apart ? { data: rest } : {}),
    kind,
    database: given.get("database") ?? header(message, "x-clickhouse-database") ?? database,
    session: sessionOf(given),
    settings,
    params: new Map(fields.flatMap(([name, value]) => (name.startsWith("param_") ? [[name.slice(6), value]] : []))),
    format: given.get("default_format") ?? header(message, "x-clickhouse-format") ?? "TabSeparated",
    queryId: given.get("query_id") ?? crypto.randomUUID(),
    waitEndOfQuery: given.get("wait_end_of_query") === "1" || settings.get("http_wait_end_of_query") === "1",
    holdBack: Math.max(1_048_576, Number(given.get("buffer_size") ?? settings.get("http_response_buffer_size") ?? 0)),
    encoding: settings.get("enable_http_compression") === "1" ? acceptedEncoding(message) : undefined,
  };
}

const sessionSeconds = 60;

function sessionOf(given: ReadonlyMap<string, string>): SessionRequest | undefined {
  const id = given.get("session_id");
  if (id === undefined || id === "") return undefined;
  const timeout = Number(given.get("session_timeout") ?? sessionSeconds);
  return { id, timeout, check: given.get("session_check") === "1" };
}

function header(message: IncomingMessage, name: string): string | undefined {
  const value = message.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function acceptedEncoding(message: IncomingMessage): Encoding | undefined {
  const accepted = header(message, "accept-encoding") ?? "";
  return encodings.find((one) => accepted.includes(one));
}
