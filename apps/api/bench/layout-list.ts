import { chosen } from "./layout-chosen.ts";
import { devices, firstTouch, journey, links, owners, path, scope, stored, visits } from "./layout-questions.ts";
import { idHigh, idLow, idTime } from "./uuid-sql.ts";

/** A layout: one thing that is changed in the plain table of layout.sql. */
export interface Layout {
  name: string;
  /** Changes the statement that makes the table. */
  table?: (sql: string) => string;
  /** Statements after it, before any event is stored. */
  after?: string[];
  /** Columns that are stored in another form: what is inserted instead, by the column of the event. */
  stored?: Record<string, Record<string, string>>;
  /** Changes a question, where this layout is asked in another way. */
  ask?: (sql: string) => string;
  /** False when it holds nothing to ask for. */
  asked?: false;
}

const orderBy = (key: string) => (sql: string) => sql.replace(/ORDER BY \(.*\)/, `ORDER BY (${key})`);
const partitionBy = (key: string) => (sql: string) => sql.replace(/PARTITION BY .*\n/, key);
const column = (name: string, definition: string) => (sql: string) =>
  sql.replace(new RegExp(`^ {4}${name} .*?(,?)$`, "m"), `    ${definition}$1`);
const codec = (name: string) => (sql: string) => sql.replace("'ZSTD(1)'", `'${name}'`);
const projection = (name: string, body: string) => [`ALTER TABLE layout ADD PROJECTION ${name} (${body})`];
const skip = (name: string, index: string) => [`ALTER TABLE layout ADD INDEX ${name} ${index} GRANULARITY 1`];

/** A table beside it, filled by a materialised view. */
const beside = (name: string, columns: string, key: string, select: string) => [
  `CREATE TABLE layout_${name} (project_id LowCardinality(String), env LowCardinality(String), ${columns})
   ENGINE = AggregatingMergeTree ORDER BY (project_id, env, ${key}) SETTINGS default_compression_codec = 'ZSTD(1)'`,
  `CREATE MATERIALIZED VIEW layout_${name}_view TO layout_${name} AS SELECT project_id, env, ${select}`,
];

const byTime = orderBy("project_id, env, timestamp");

/** Milliseconds of an event. */
const millisecond = "toUnixTimestamp64Milli(timestamp)";

/** Second and 56 bits of a hash. */
const idKey = (id: string) => `toUInt32(intDiv(${idTime(id)}, 1000)), bitShiftRight(cityHash64(${id}), 8)`;

/** Instant and source in one number, of which the smallest is the first touch. */
const touchNumber = `bitShiftLeft(toUInt128(${millisecond}), 64) + cityHash64(source)`;

/** The first touch of every user, from what is known of each pair of a visitor and a user. */
const firstTouchFrom = (pairs: string, first: string) =>
  `SELECT owner, ${first} AS touch FROM (${pairs}) AS pairs INNER JOIN (${owners}) AS owners USING (anonymous_id)
   WHERE user_id IS NULL OR user_id = owner GROUP BY owner`;

const besideVisitor = path.replace(
  " ORDER BY",
  ` AND timestamp IN (SELECT timestamp FROM layout_paths WHERE ${scope} AND anonymous_id = {visitor:String}) ORDER BY`,
);
const besideUser = journey.replace(
  " ORDER BY",
  ` AND timestamp IN (SELECT timestamp FROM layout_paths WHERE ${scope} AND anonymous_id IN (${devices})) ORDER BY`,
);

export const layouts: Layout[] = [
  {
    name: "no table: reading the events",
    table: (sql) => sql.replace(/ENGINE[\s\S]*/, "ENGINE = Null"),
    asked: false,
  },
  { name: "plain" },

  // Sorting keys and partitions.
  { name: "ORDER BY time", table: byTime },
  { name: "ORDER BY event, time", table: orderBy("project_id, env, event_name, timestamp") },
  {
    name: "ORDER BY day, visitor, time",
    table: orderBy("project_id, env, toDate(timestamp), anonymous_id, timestamp"),
  },
  { name: "no partitions", table: partitionBy("") },
  { name: "a partition a day", table: partitionBy("PARTITION BY toDate(timestamp)\n") },
  { name: "granules of 1,024 rows", table: (sql) => sql.replace("SETTINGS", "SETTINGS index_granularity = 1024,") },

  // A second order: projections against tables beside.
  {
    name: "ORDER BY time, projection of all by visitor",
    table: byTime,
    after: projection("paths", "SELECT * ORDER BY project_id, env, anonymous_id, timestamp"),
  },
  {
    name: "ORDER BY time, projection of row numbers by visitor",
    table: byTime,
    after: projection("paths", "SELECT _part_offset ORDER BY project_id, env, anonymous_id"),
  },
  {
    name: "ORDER BY time, table of visitor and time",
    table: byTime,
    after: beside(
      "paths",
      "anonymous_id String, timestamp DateTime64(3, 'UTC')",
      "anonymous_id, timestamp",
      "anonymous_id, timestamp FROM layout",
    ),
    ask: (sql) => sql.replace(path, besideVisitor).replace(journey, besideUser),
  },
  {
    name: "projection of row numbers by time",
    after: projection("times", "SELECT _part_offset ORDER BY project_id, env, timestamp"),
  },

  // Skip indexes.
  { name: "minmax of timestamp", after: skip("times", "timestamp TYPE minmax") },
  { name: "bloom filter of user_id", after: skip("users", "user_id TYPE bloom_filter") },
  { name: "bloom filter of event_id", after: skip("ids", "event_id TYPE bloom_filter(0.001)") },
  { name: "set of event_name and source", after: skip("names", "(event_name, source) TYPE set(100)") },

  // Types and codecs.
  { name: "LZ4", table: codec("LZ4") },
  { name: "ZSTD(3)", table: codec("ZSTD(3)") },
  { name: "timestamps without Delta", table: (sql) => sql.replaceAll(" CODEC(Delta, ZSTD(1))", "") },
  { name: "no LowCardinality", table: (sql) => sql.replaceAll("LowCardinality(String)", "String") },
  {
    name: "path, title, referrer LowCardinality",
    table: (sql) =>
      ["path", "title", "referrer"].reduce((all, name) => column(name, `${name} LowCardinality(String)`)(all), sql),
  },
  {
    name: "user_id '' for NULL",
    table: column("user_id", "user_id String"),
    stored: { user_id: { user_id: "ifNull(user_id, '')" } },
    ask: (sql) => sql.replaceAll("user_id IS NOT NULL", "user_id != ''").replaceAll("user_id IS NULL", "user_id = ''"),
  },
  {
    name: "received_at as a lag to timestamp",
    table: column(
      "received_at",
      "lag Int32, received_at DateTime64(3, 'UTC') ALIAS timestamp + toIntervalMillisecond(lag)",
    ),
    stored: { received_at: { lag: "toUnixTimestamp64Milli(received_at) - toUnixTimestamp64Milli(timestamp)" } },
  },
  {
    name: "event_id UUID",
    table: column("event_id", "event_id UUID"),
    stored: { event_id: { event_id: "toUUID(event_id)" } },
    ask: (sql) => sql.replace("{ids:Array(String)}", "{ids:Array(UUID)}"),
  },
  {
    name: "event_id as a lag to timestamp, 16 and 64 bits",
    table: column(
      "event_id",
      `id_lag Int64, id_high UInt16 CODEC(T64, ZSTD(1)), id_low UInt64 CODEC(NONE),
       event_id String ALIAS toString(reinterpretAsUUID(bitShiftLeft(toUInt128(id_low), 64)
         + bitShiftLeft(toUInt128(${millisecond} + id_lag), 16) + id_high))`,
    ),
    stored: {
      event_id: {
        id_lag: `${idTime("event_id")} - ${millisecond}`,
        id_high: idHigh("event_id"),
        id_low: idLow("event_id"),
      },
    },
  },

  // Exactly once: a look-up before the insert, or FINAL in every read.
  { name: "projection of ids", after: projection("ids", "SELECT project_id, event_id ORDER BY project_id, event_id") },
  {
    name: "projection of ids, granules of 512 rows",
    after: [
      "ALTER TABLE layout ADD PROJECTION ids (SELECT project_id, event_id ORDER BY project_id, event_id) WITH SETTINGS (index_granularity = 512)",
    ],
  },
  {
    name: "projection of second and 56-bit hash of ids",
    after: [
      // A projection without GROUP BY would keep the text that second and hash are made of.
      `ALTER TABLE layout ADD PROJECTION ids (SELECT project_id, ${idKey("event_id")} GROUP BY project_id, ${idKey("event_id")})
       WITH SETTINGS (index_granularity = 512)`,
    ],
    ask: (sql) =>
      sql.replace(
        stored,
        `SELECT count() FROM (SELECT ${idKey("event_id")} FROM layout WHERE project_id IN ['bench']
         AND (${idKey("event_id")}) IN (SELECT ${idKey("id")} FROM (SELECT arrayJoin({ids:Array(String)}) AS id))
         GROUP BY project_id, ${idKey("event_id")})`,
      ),
  },
  {
    name: "ReplacingMergeTree by event_id, FINAL",
    table: (sql) =>
      orderBy("project_id, env, anonymous_id, timestamp, event_id")(
        sql.replace("ENGINE = MergeTree", "ENGINE = ReplacingMergeTree"),
      ),
    ask: (sql) => sql.replaceAll("FROM layout ", "FROM layout FINAL "),
  },

  // What is derived from events: projections against tables beside.
  {
    name: "projection of links",
    after: projection(
      "links",
      "SELECT project_id, env, user_id, anonymous_id, min(timestamp), max(timestamp) GROUP BY project_id, env, user_id, anonymous_id",
    ),
  },
  {
    name: "table of links",
    after: beside(
      "links",
      "user_id String, anonymous_id String, first_seen SimpleAggregateFunction(min, DateTime64(3, 'UTC')), last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC'))",
      "user_id, anonymous_id",
      `assumeNotNull(layout.user_id) AS user_id, anonymous_id, min(timestamp) AS first_seen, max(timestamp) AS last_seen
       FROM layout WHERE layout.user_id IS NOT NULL GROUP BY project_id, env, layout.user_id, anonymous_id`,
    ),
    ask: (sql) =>
      sql
        .replaceAll(links, links.replace("min(timestamp)", "min(first_seen)").replace("layout", "layout_links"))
        .replaceAll(devices, devices.replace("layout", "layout_links")),
  },
  {
    name: "projection of first touches, states",
    after: projection(
      "touches",
      "SELECT project_id, env, user_id, anonymous_id, min(timestamp), argMin(source, timestamp) GROUP BY project_id, env, user_id, anonymous_id",
    ),
    ask: (sql) =>
      sql.replace(
        firstTouch,
        firstTouchFrom(
          `SELECT anonymous_id, user_id, min(timestamp) AS at, argMin(source, timestamp) AS source FROM layout WHERE ${scope} GROUP BY anonymous_id, user_id`,
          "argMin(source, at)",
        ),
      ),
  },
  {
    name: "projection of first touches, numbers",
    after: projection(
      "touches",
      `SELECT project_id, env, user_id, anonymous_id, min(timestamp), min(${touchNumber}) GROUP BY project_id, env, user_id, anonymous_id`,
    ),
    ask: (sql) =>
      sql.replace(
        firstTouch,
        firstTouchFrom(
          `SELECT anonymous_id, user_id, min(${touchNumber}) AS number FROM layout WHERE ${scope} GROUP BY anonymous_id, user_id`,
          "toUInt64(min(number))",
        ),
      ),
  },
  {
    name: "table of first touches",
    after: beside(
      "touches",
      "anonymous_id String, user_id Nullable(String), first SimpleAggregateFunction(min, Tuple(DateTime64(3, 'UTC'), String))",
      "anonymous_id, user_id) SETTINGS (allow_nullable_key = 1",
      "anonymous_id, user_id, min((timestamp, toString(source))) AS first FROM layout GROUP BY project_id, env, anonymous_id, user_id",
    ).map((sql) => sql.replace(") SETTINGS (allow_nullable_key = 1) SETTINGS", ") SETTINGS allow_nullable_key = 1,")),
    ask: (sql) =>
      sql.replace(
        firstTouch,
        firstTouchFrom(`SELECT anonymous_id, user_id, first FROM layout_touches WHERE ${scope}`, "min(first).2"),
      ),
  },
  {
    name: "table of visits by half-hours",
    after: beside(
      "slots",
      "anonymous_id String, slot DateTime('UTC') CODEC(Delta, ZSTD(1)), began SimpleAggregateFunction(min, DateTime64(3, 'UTC')), ended SimpleAggregateFunction(max, DateTime64(3, 'UTC')), entry SimpleAggregateFunction(min, Tuple(DateTime64(3, 'UTC'), String))",
      "anonymous_id, slot",
      `anonymous_id, toStartOfInterval(timestamp, INTERVAL 30 MINUTE) AS slot, min(timestamp) AS began, max(timestamp) AS ended, min((timestamp, toString(source))) AS entry
       FROM layout GROUP BY project_id, env, anonymous_id, slot`,
    ),
    ask: (sql) =>
      sql.replace(
        visits,
        `SELECT anonymous_id, min(began) AS began, max(ended) AS ended, min(entry).2 AS source FROM layout_slots
         WHERE ${scope} AND slot >= '2026-02-10' AND slot < '2026-03-12' GROUP BY anonymous_id, slot`,
      ),
  },

  chosen,
];
