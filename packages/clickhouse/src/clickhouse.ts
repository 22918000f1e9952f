import { type ClickHouseClient, ClickHouseLogLevel, type ClickHouseSettings, createClient } from "@clickhouse/client";
import { knowingTopology } from "./cluster-commands.ts";
import { linesAsTheyAre } from "./json-lines.ts";
import { overReplicas } from "./replicas.ts";

/** Values a statement can bind as `{name: Type}`. */
export type Params = Record<string, string | number | boolean | Date | null | string[] | number[] | bigint[]>;

/** Rows to insert as one block, each already one line of JSON: an object, or an array of the values of `columns`. */
export interface Block {
  table: string;
  columns?: readonly string[];
  lines: readonly string[];
  /** The same token for every attempt at this block: ClickHouse then stores it once. */
  token: string;
}

/** What the rest of the code needs of ClickHouse, the same for the embedded engine and a server. */
export interface ClickHouse {
  /** True when no other process can write to this database. */
  readonly exclusive: boolean;
  /** How often this process wrote to a table that is not of arrivals. Where it alone writes, what such a table told is true while the count stays. */
  changes(): number;
  /** Stores a block; resolves when it is durable. */
  insert(block: Block): Promise<void>;
  /** Runs a bounded, read-only statement. */
  query<Row>(sql: string, params?: Params): Promise<Row[]>;
  /** Reads on the writer's connection: sees every insert that has resolved, and waits for no report. */
  lookUp<Row>(sql: string, params?: Params): Promise<Row[]>;
  /** Runs a statement that changes something: DDL, DELETE, a small control-plane INSERT. */
  command(sql: string, params?: Params): Promise<void>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
}

export interface Server {
  /** Servers of one database, the preferred one first. */
  urls: readonly string[];
  user: string;
  password: string;
  database: string;
}

export interface QueryLimits {
  /** Seconds. */
  maxExecutionTime: number;
  /** Bytes. */
  maxMemoryUsage: number;
  /** Rows that one query may read; without it any number. */
  maxRowsToRead?: number;
}

export const defaultQueryLimits: QueryLimits = { maxExecutionTime: 30, maxMemoryUsage: 2_000_000_000 };

type NonEmpty = [string, ...string[]];

const eventsTable = "events_v1";
/** Written all the time. */
const arrivals = new Set([eventsTable, "receipts_v1", "dead_letters_v1"]);
/** What a row of events is given: its columns, and what it is stored in parts of (migration 0001). */
const writtenOfEvents: NonEmpty = ["*", "id", "received"];

const byName = (table: string) =>
  ({ ...(table === eventsTable ? { columns: writtenOfEvents } : {}), format: "JSONEachRow" }) as const;

// Answers carry ISO 8601 in UTC, whatever connection they come from.
const shared: ClickHouseSettings = {
  date_time_output_format: "iso",
  output_format_json_quote_64bit_integers: 0,
  // In a cluster, a sub-query over all shards is answered once and sent to each, never asked again by each of them.
  distributed_product_mode: "global",
};

/** Seconds that a write may run; nothing can be stored later than that after it was sent. */
export const writeSeconds = 30;

const writing = {
  ...shared,
  // An acknowledgement must mean stored; the engine's own buffering answers earlier or later than we want.
  async_insert: 0,
  // Its threads cost a millisecond per insert, and have nothing to share below 10 MB.
  input_format_parallel_parsing: 0,
  // In a cluster: stored on its shards, not on its way to them; and each shard is asked where it was written.
  distributed_foreground_insert: 1,
  load_balancing: "in_order",
  // One block may hold a backfill of many months; the partition key bounds how many.
  max_partitions_per_insert_block: "1000",
  max_execution_time: writeSeconds,
} as const;

const reading = (limits: QueryLimits) => ({
  ...shared,
  max_execution_time: limits.maxExecutionTime,
  max_memory_usage: String(limits.maxMemoryUsage),
  ...(limits.maxRowsToRead === undefined ? {} : { max_rows_to_read: String(limits.maxRowsToRead) }),
  // Recent engines cancel a doomed query by estimate; ours are cancelled by the clock alone.
  timeout_before_checking_execution_speed: 0,
  // Beyond this many values an IN is cheaper as a filter: searching the index for each of 200,000 visitors takes seconds of planning.
  use_index_for_in_with_subqueries_max_values: "10000",
  // Rows lie visitor by visitor: what is gathered for each of them is done with when the next one begins.
  optimize_aggregation_in_order: 1 as const,
  // Projections know user_id IS NULL; as the subcolumn that the engine makes of it, they do not.
  optimize_functions_to_subcolumns: 0 as const,
});

const readers = 2;

/** Opens the embedded engine in `path` (created when absent), for this process alone. */
export async function openEmbeddedClickHouse(path: string, limits = defaultQueryLimits): Promise<ClickHouse> {
  // Loaded here, because an image that talks to a server leaves the engine (540 MB) out.
  const { openEmbedded } = await import("./embedded.ts");
  const writer = await openEmbedded(path, writing);
  const control = await openEmbedded(path, writing);
  const pool = await Promise.all(
    // readonly comes last: after it no setting can be changed. It also stops url() and file().
    Array.from({ length: readers }, () => openEmbedded(path, { ...reading(limits), readonly: "1" })),
  );
  return overClients({ exclusive: true, writer, control, pool });
}

/** Talks to a ClickHouse server, or to the servers of a cluster, over HTTP. */
export function connectClickHouse(server: Server, limits = defaultQueryLimits): ClickHouse {
  const replicas = server.urls.map((url) => connectReplica(url, server, limits));
  const [only] = replicas;
  return knowingTopology(replicas.length === 1 && only !== undefined ? only : overReplicas(replicas));
}

function connectReplica(url: string, server: Server, limits: QueryLimits): ClickHouse {
  const base = {
    json: linesAsTheyAre,
    url,
    username: server.user,
    password: server.password,
    database: server.database,
    compression: { request: true, response: true },
    keep_alive: { enabled: true, idle_socket_ttl: 2500 },
    // What it would log it also throws.
    log: { level: ClickHouseLogLevel.OFF },
    // Many ids are too long for a URL.
    use_multipart_params_auto: true,
  };
  const requestTimeout = (seconds: number) => ({ request_timeout: (seconds + 5) * 1000 });
  const writer = createClient({
    ...base,
    ...requestTimeout(writing.max_execution_time),
    clickhouse_settings: { ...writing, wait_end_of_query: 1 },
  });
  const reader = createClient({
    ...base,
    ...requestTimeout(limits.maxExecutionTime),
    // 2: the client must still be able to send settings.
    clickhouse_settings: { ...reading(limits), readonly: "2", wait_end_of_query: 1 },
  });
  return overClients({ exclusive: false, writer, control: writer, pool: [reader] });
}

interface Clients {
  exclusive: boolean;
  writer: ClickHouseClient;
  control: ClickHouseClient;
  pool: readonly ClickHouseClient[];
}

function overClients({ exclusive, writer, control, pool }: Clients): ClickHouse {
  const busy = new Map(pool.map((client) => [client, 0]));
  let changes = 0;

  async function read<Row>(client: ClickHouseClient, sql: string, params: Params = {}): Promise<Row[]> {
    const result = await client.query({ query: sql, query_params: params, format: "JSONEachRow" });
    return result.json<Row>();
  }

  return {
    exclusive,
    changes: () => changes,
    async insert({ table, columns, lines, token }) {
      if (lines.length === 0) return;
      try {
        await writer.insert({
          table,
          // One text: the client would put a line's end behind each of them itself, one by one.
          values: [lines.join("\n")],
          ...(columns === undefined ? byName(table) : { columns: columns as NonEmpty, format: "JSONCompactEachRow" }),
          clickhouse_settings: { insert_deduplication_token: token },
        });
      } finally {
        if (!arrivals.has(table)) changes++;
      }
    },
    async query(sql, params) {
      const [client] = [...busy].reduce((least, next) => (next[1] < least[1] ? next : least));
      busy.set(client, (busy.get(client) ?? 0) + 1);
      try {
        return await read(client, sql, params);
      } finally {
        busy.set(client, (busy.get(client) ?? 1) - 1);
      }
    },
    lookUp: (sql, params) => read(writer, sql, params),
    async command(sql, params = {}) {
      try {
        await control.command({ query: sql, query_params: params });
      } finally {
        if (!sql.startsWith("SYSTEM ")) changes++;
      }
    },
    async ping() {
      return (await control.ping({ select: true })).success;
    },
    async close() {
      await Promise.all([...new Set([writer, control, ...pool])].map((client) => client.close()));
    },
  };
}
