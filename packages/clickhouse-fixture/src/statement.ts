import { ClickHouseException } from "./exception.ts";

/** What a statement does, as far as faults and the engine care. */
export type StatementKind = "insert" | "select" | "other";

/** Strings, quoted names and comments: nothing in them is syntax. */
const opaque = /'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.)*`|"(?:[^"\\]|\\.)*"|--[^\n]*|\/\*[\s\S]*?\*\//g;

const withoutComments = (sql: string) => sql.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, "");

export function kindOf(sql: string): StatementKind {
  const text = withoutComments(sql);
  if (/^INSERT\b/i.test(text)) return "insert";
  return /^(?:SELECT|WITH|SHOW|DESCRIBE|DESC|EXISTS|EXPLAIN)\b|^\(/i.test(text) ? "select" : "other";
}

/** A server takes one statement per request; the engine alone would take several. @throws ClickHouseException */
export function assertOneStatement(sql: string): void {
  if (withoutComments(sql) === "") throw new ClickHouseException(62, "SYNTAX_ERROR", "Syntax error: Empty query.");
  if (/;\s*\S/.test(sql.replace(opaque, "")))
    throw new ClickHouseException(62, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed).");
}

/** The format a statement names itself, else `fallback`. */
export function formatOf(sql: string, fallback: string): string {
  return /\bFORMAT\s+(\w+)\s*(?:SETTINGS\b[\s\S]*)?;?\s*$/i.exec(sql)?.[1] ?? fallback;
}

/** `INSERT INTO table (columns) FORMAT format`, when it is as plain as that. */
export interface PlainInsert {
  table: string;
  columns?: string[];
  format: PlainFormat;
}

const plainFormats = ["JSONEachRow", "JSONCompactEachRow", "TabSeparated", "TSV", "CSV"] as const;
type PlainFormat = (typeof plainFormats)[number];

export function plainInsert(sql: string): PlainInsert | undefined {
  const parts = /^\s*INSERT\s+INTO\s+(?:TABLE\s+)?([\w.]+)\s*(?:\(([\w\s,]+)\)\s*)?FORMAT\s+(\w+)\s*$/i.exec(sql);
  const [, table = "", columns, name] = parts ?? [];
  const format = plainFormats.find((one) => one === name);
  if (format === undefined) return undefined;
  return { table, format, ...(columns === undefined ? {} : { columns: columns.split(",").map((one) => one.trim()) }) };
}

/** Statements reach the engine as text; only the rows of a plain INSERT are passed on as bytes. @throws ClickHouseException */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ClickHouseException(48, "NOT_IMPLEMENTED", "This fixture takes text formats only.");
  }
}
