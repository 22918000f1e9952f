import { verdictColumns } from "@millimetric/clickhouse";

/** Columns that follow from the event and its request, in the order of `eventRow`. */
const eventColumns = [
  "project_id",
  "env",
  "key_prefix",
  "id",
  "timestamp",
  "received",
  "timestamp_clamped",
  "event_name",
  "anonymous_id",
  "user_id",
  "session_id",
  "path",
  "title",
  "country",
  "device_type",
  "browser",
  "os",
  "is_bot",
  "bot_reason",
  "properties",
  "context",
] as const;

/** Columns that follow from the addresses. */
export const landingColumns = [...verdictColumns, "rules_version", "url", "referrer"] as const;

/**
 * What a row of events_v1 brings, in the order of its line: a JSON array, because with a name before each value the engine takes a sixth
 * longer to store it. What is kept for later is written with names, so that it can be read when the columns have changed.
 */
export const rowColumns = [...eventColumns, ...landingColumns] as const;

/** As many values as there are columns. */
type Values<Columns extends readonly string[]> = { [Index in keyof Columns]: string | number | boolean | null };

/** A row by its columns. */
export type Row = Partial<Record<(typeof rowColumns)[number], unknown>>;

/** The line of a row; `landing` is the inside of the array of what follows from its addresses. */
export const lineOfValues = (values: Values<typeof eventColumns>, landing: string): string =>
  `${JSON.stringify(values).slice(0, -1)},${landing}]`;

/** The line of a row that was kept with names; of what is missing ClickHouse makes the column's default. */
export const lineOf = (row: Row): string => JSON.stringify(rowColumns.map((column) => row[column] ?? null));

export function rowOf(line: string): Row {
  const values = JSON.parse(line) as unknown[];
  return Object.fromEntries(rowColumns.map((column, index) => [column, values[index]]));
}

/** The row as the spool and dead letters keep it: a JSON object. */
export const withNames = (line: string): string => JSON.stringify(rowOf(line));
