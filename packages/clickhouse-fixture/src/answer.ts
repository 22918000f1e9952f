import type { ServerResponse } from "node:http";
import { type Body, type Encoding, openBody } from "./encoding.ts";
import type { Result } from "./engine.ts";
import { type ClickHouseException, statusOf } from "./exception.ts";

/** How a server introduces itself, and what it says about one answer. */
export interface Introduction {
  serverName: string;
  version: string;
  queryId: string;
  format: string;
  encoding: Encoding | undefined;
  result?: Omit<Result, "bytes"> | undefined;
}

const contentTypes: readonly [RegExp, string][] = [
  [/^JSON(?:Compact)?(?:Strings)?EachRow/, "application/x-ndjson; charset=UTF-8"],
  [/^JSON/, "application/json; charset=UTF-8"],
  [/^(?:TabSeparated|TSV)/, "text/tab-separated-values; charset=UTF-8"],
  [/^CSV/, "text/csv; charset=UTF-8"],
  [/^(?:Native|RowBinary|Parquet|Arrow|ORC|Avro)/, "application/octet-stream"],
];

function summary(result: Introduction["result"]): string {
  const { readRows = 0, readBytes = 0, writtenRows = 0, writtenBytes = 0 } = result ?? {};
  const counts = {
    read_rows: readRows,
    read_bytes: readBytes,
    written_rows: writtenRows,
    written_bytes: writtenBytes,
    total_rows_to_read: 0,
    result_rows: 0,
    result_bytes: 0,
    elapsed_ns: 0,
  };
  return JSON.stringify(Object.fromEntries(Object.entries(counts).map(([name, value]) => [name, String(value)])));
}

/** An answer that was begun with 200: from now on a failure can only be told in its body. */
export interface Begun extends Body {
  /** The end of a result that failed half-way, as servers since 25.11 write it; the answer stays unfinished. */
  breakOff(exception: ClickHouseException): Promise<void>;
}

export function begin(response: ServerResponse, introduction: Introduction, hasBody = true): Begun {
  const tag = crypto.randomUUID().replace(/\W/g, "").slice(0, 16);
  const encoding = hasBody ? introduction.encoding : undefined;
  const type = contentTypes.find(([format]) => format.test(introduction.format))?.[1];
  introduce(response, introduction, type ?? "text/plain; charset=UTF-8", encoding);
  response.setHeader("x-clickhouse-exception-tag", tag);
  response.writeHead(200);
  response.flushHeaders();
  const body = openBody(response, encoding);
  return {
    ...body,
    async breakOff(exception) {
      const message = textOf(exception, introduction.version);
      await body.flush();
      // One piece, because clients look for it at the end of one. The length counts the line break before it.
      const length = Buffer.byteLength(message);
      const end = `\r\n__exception__\r\n${tag}\r\n${message}${length} ${tag}\r\n__exception__\r\n`;
      await body.write(Buffer.from(end));
      await body.flush();
      response.socket?.end();
    },
  };
}

/** A whole answer. */
export async function succeed(response: ServerResponse, introduction: Introduction, bytes: Uint8Array): Promise<void> {
  const body = begin(response, introduction, bytes.length > 0);
  if (bytes.length > 0) await body.write(bytes);
  await body.end();
}

/** A failure that is known before the first byte. */
export async function fail(
  response: ServerResponse,
  introduction: Introduction,
  exception: ClickHouseException,
): Promise<void> {
  introduce(response, introduction, "text/plain; charset=UTF-8", introduction.encoding);
  response.setHeader("x-clickhouse-exception-code", exception.code);
  response.writeHead(statusOf(exception));
  const body = openBody(response, introduction.encoding);
  await body.write(Buffer.from(textOf(exception, introduction.version)));
  await body.end();
}

const textOf = ({ message }: ClickHouseException, version: string) => `${message} (version ${version})\n`;

function introduce(
  response: ServerResponse,
  { serverName, queryId, format, result }: Introduction,
  type: string,
  encoding: Encoding | undefined,
): void {
  const headers = {
    "content-type": type,
    "x-clickhouse-server-display-name": serverName,
    "x-clickhouse-query-id": queryId,
    "x-clickhouse-format": format,
    "x-clickhouse-timezone": "UTC",
    "x-clickhouse-summary": summary(result),
    ...(encoding === undefined ? {} : { "content-encoding": encoding }),
  };
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}
