import type { EventRow, Range, Scope } from "@millimetric/clickhouse";
import type { FastifyRequest } from "fastify";
import type { Env } from "../keys/api-key.ts";
import { ApiError } from "./errors.ts";

const thirtyDays = 30 * 24 * 3_600_000;
const beginning = new Date(0);
const dated = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * The project and environment a request may see: from its key, never from its parameters. A live key may look at test data; a test key,
 * which lies about in more places, sees nothing else.
 * @throws ApiError insufficient_scope
 */
export function scopeOf({ caller }: FastifyRequest, query: { env?: Env | undefined }): Scope {
  const env = query.env ?? caller.env;
  if (env === "live" && caller.env === "test")
    throw new ApiError("insufficient_scope", "A test key reads test data only.");
  return { project_id: caller.project_id, env };
}

/** The asked range; one person's history defaults to all of it. @throws ApiError invalid_params */
export function rangeOf(
  query: { from?: string | undefined; to?: string | undefined },
  of: "project" | "person",
): Range {
  // The default end includes what was stored this very millisecond.
  const to = parse("to", query.to) ?? new Date(Date.now() + 1);
  const from = parse("from", query.from) ?? (of === "person" ? beginning : new Date(to.getTime() - thirtyDays));
  if (from > to) throw new ApiError("invalid_params", "from comes after to.");
  return { from, to };
}

function parse(name: string, value: string | undefined): Date | undefined {
  if (value === undefined) return undefined;
  // Without a zone it is UTC, and never that of the server.
  const zoned = /T.*(Z|[+-]\d{2}:?\d{2})$|^\d{4}-\d{2}-\d{2}$/.test(value) ? value : `${value}Z`;
  const date = new Date(dated.test(value) ? zoned : Number.NaN);
  if (Number.isNaN(date.getTime()) || date < beginning || date.getUTCFullYear() > 2199)
    throw new ApiError("invalid_params", `${name} is not an ISO 8601 date or instant between 1970 and 2199.`);
  return date;
}

/** Most names in one comma-separated parameter. */
const mostNames = 10;

/** A comma-separated parameter: 1 to 10 names, each once, of `known` if given. @throws ApiError invalid_params */
export function namesOf<Name extends string>(parameter: string, text: string, known?: readonly Name[]): Name[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()))].filter((name) => name !== "") as Name[];
  if (names.length === 0 || names.length > mostNames)
    throw new ApiError("invalid_params", `${parameter} has 1 to ${mostNames} names.`);
  const wrong = known && names.find((name) => !known.includes(name));
  if (wrong !== undefined) throw new ApiError("invalid_params", `${parameter} does not know ${wrong}.`);
  return names;
}

/** The filters of these columns that were asked for; several values of one mean any of them. */
export const filtersOf = <Name extends string>(
  names: readonly Name[],
  query: Partial<Record<Name, string | string[] | undefined>>,
) => Object.fromEntries(names.map((name) => [name, query[name] === undefined ? undefined : [query[name]].flat()]));

/** Cursors are opaque to callers: base64url of JSON. */
export const encodeCursor = (position: readonly (string | number)[]) =>
  Buffer.from(JSON.stringify(position)).toString("base64url");

/** The position of a cursor whose parts have these types. @throws ApiError invalid_params */
export function decodeCursor(cursor: string, types: readonly ("string" | "number")[]): (string | number)[] {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    if (
      Array.isArray(position) &&
      position.length === types.length &&
      position.every((part, at) => typeof part === types[at])
    )
      return position as (string | number)[];
  } catch {
    // Falls through to the same refusal as any other text.
  }
  throw new ApiError("invalid_params", "cursor is not one that we gave.");
}

/** Where a list of events goes on. */
export function eventPosition(cursor: string | undefined): { timestamp: Date; event_id: string } | undefined {
  if (cursor === undefined) return undefined;
  const [at, event_id] = decodeCursor(cursor, ["number", "string"]);
  return { timestamp: new Date(Math.min(Number(at), 7e12)), event_id: String(event_id) };
}

export const eventCursor = (row: EventRow) => encodeCursor([Date.parse(row.timestamp), row.event_id]);

/** A stored event as the API shows it. */
export function shownEvent<Row extends EventRow>(row: Row) {
  const object = (text: string) => JSON.parse(text || "{}") as Record<string, unknown>;
  return { ...row, properties: object(row.properties), context: object(row.context) };
}

export interface Listing<Row, Shown> {
  scope: Scope;
  range: Range;
  limit: number;
  stitch?: string | undefined;
  /** Runs with one row more than the limit, which tells whether there is a next page. */
  read: (limit: number) => Promise<Row[]>;
  show: (row: Row) => Shown;
  cursor?: (row: Row) => string;
}

/** Reads one page and wraps it as every list is. */
export async function list<Row, Shown>({ scope, range, limit, stitch, read, show, cursor }: Listing<Row, Shown>) {
  const start = performance.now();
  const found = await read(cursor === undefined ? limit : limit + 1);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  return {
    rows: rows.map(show),
    ...(cursor !== undefined && last !== undefined && found.length > limit ? { next_cursor: cursor(last) } : {}),
    meta: {
      from: range.from.toISOString(),
      to: range.to.toISOString(),
      env: scope.env,
      ...(stitch === undefined ? {} : { stitch }),
      rows: rows.length,
      elapsed_ms: Math.round((performance.now() - start) * 10) / 10,
    },
  };
}
