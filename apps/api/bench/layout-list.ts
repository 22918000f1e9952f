/** A layout: what is changed in the table of migration 0001 before events are stored. */
export interface Layout {
  name: string;
  /** Of the statement that makes the table. */
  table?: (sql: string) => string;
  /** Statements after it; `layout` is the table. */
  after?: string[];
}

const projection = (name: string, body: string) => `ALTER TABLE layout ADD PROJECTION ${name} (${body})`;

export const layouts: Layout[] = [
  { name: "as in migration 0001, no projection" },
  {
    name: "ORDER BY (project, env, timestamp)",
    table: (sql) => sql.replace(/ORDER BY \(.*\)/, "ORDER BY (project_id, env, timestamp)"),
  },
  {
    name: "ORDER BY (project, env, event_name, timestamp)",
    table: (sql) => sql.replace(/ORDER BY \(.*\)/, "ORDER BY (project_id, env, event_name, timestamp)"),
  },
  { name: "no partitions", table: (sql) => sql.replace(/PARTITION BY .*/, "") },
  { name: "a partition a day", table: (sql) => sql.replace(/PARTITION BY .*/, "PARTITION BY toDate(timestamp)") },
  { name: "granules of 1,024 rows", table: (sql) => sql.replace("SETTINGS", "SETTINGS index_granularity = 1024,") },
  { name: "user_id '' for NULL", table: (sql) => sql.replace("user_id Nullable(String)", "user_id String") },
  {
    name: "path, title, referrer LowCardinality",
    after: ["path", "title", "referrer"].map(
      (column) => `ALTER TABLE layout MODIFY COLUMN ${column} LowCardinality(String)`,
    ),
  },
  {
    name: "ZSTD(1) where no codec is named",
    after: ["ALTER TABLE layout MODIFY SETTING default_compression_codec = 'ZSTD(1)'"],
  },
  { name: "no LowCardinality at all", table: (sql) => sql.replaceAll("LowCardinality(String)", "String") },
  {
    name: "bloom filter on user_id",
    after: ["ALTER TABLE layout ADD INDEX by_user user_id TYPE bloom_filter GRANULARITY 1"],
  },
  { name: "minmax on timestamp", after: ["ALTER TABLE layout ADD INDEX by_time timestamp TYPE minmax GRANULARITY 1"] },
  {
    name: "projection event_ids",
    after: [projection("event_ids", "SELECT project_id, event_id ORDER BY project_id, event_id")],
  },
  {
    name: "projection links",
    after: [
      projection(
        "links",
        "SELECT project_id, env, user_id, anonymous_id, min(timestamp), max(timestamp) GROUP BY project_id, env, user_id, anonymous_id",
      ),
    ],
  },
  {
    name: "first touch as a state of (timestamp, event_id)",
    after: [
      projection(
        "states",
        "SELECT project_id, env, user_id, anonymous_id, is_bot, argMin((source, medium, campaign, channel), (timestamp, event_id)) GROUP BY project_id, env, user_id, anonymous_id, is_bot",
      ),
    ],
  },
  {
    name: "links in a table of their own (materialised view)",
    after: [
      "DROP TABLE IF EXISTS layout_links",
      "CREATE TABLE layout_links (project_id String, env String, user_id String, anonymous_id String, first_seen SimpleAggregateFunction(min, DateTime64(3)), last_seen SimpleAggregateFunction(max, DateTime64(3))) ENGINE = AggregatingMergeTree ORDER BY (project_id, env, user_id, anonymous_id)",
      "CREATE MATERIALIZED VIEW layout_view TO layout_links AS SELECT project_id, env, assumeNotNull(layout.user_id) AS user_id, anonymous_id, min(timestamp) AS first_seen, max(timestamp) AS last_seen FROM layout WHERE layout.user_id IS NOT NULL GROUP BY project_id, env, layout.user_id, anonymous_id",
    ],
  },
  {
    name: "ReplacingMergeTree by event_id, read with FINAL",
    table: (sql) =>
      sql
        .replace("ENGINE = MergeTree", "ENGINE = ReplacingMergeTree")
        .replace(/ORDER BY \((.*)\)/, "ORDER BY ($1, event_id)")
        .replace(/ {4}non_replicated_deduplication_window = 10000,/, ""),
  },
];
