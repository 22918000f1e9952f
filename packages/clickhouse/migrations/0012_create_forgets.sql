-- Forgetting people (docs/recipes/gdpr.md). Each request is one row with newer versions, and stays as the audit record: it holds a
-- keyed hash of the id, never the id.
-- Cost: metadata only. Before the code that writes to them.
CREATE TABLE IF NOT EXISTS forgets_v1
(
    project_id LowCardinality(String),
    request_id String,
    subject LowCardinality(String) COMMENT 'user or visitor',
    subject_hash String COMMENT 'HMAC-SHA256 of the id under a key made from KEY_PEPPER, hex',
    suppress Bool COMMENT 'later events of the person are refused',
    spans String COMMENT 'JSON [[keyed hash of a visitor, from, to]]: when its anonymous events were this person''s, epoch milliseconds' CODEC(ZSTD(3)),
    requested_by String COMMENT 'public part of the key',
    requested_at DateTime64(3, 'UTC'),
    state LowCardinality(String) COMMENT 'accepting, queued, running, done, failed, or void: never acknowledged',
    started_at Nullable(DateTime64(3, 'UTC')),
    finished_at Nullable(DateTime64(3, 'UTC')),
    found String COMMENT 'JSON {table: rows}',
    removed String COMMENT 'JSON {table: rows}',
    failure String,
    version DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, request_id);

-- Ids of events that were removed, as keyed hashes: a client that sends one of them again is told 202, and it is not stored anew.
CREATE TABLE IF NOT EXISTS forgotten_ids_v1
(
    project_id LowCardinality(String),
    hash FixedString(16) COMMENT 'first half of the HMAC-SHA256',
    removed_at DateTime('UTC') DEFAULT now()
)
ENGINE = ReplacingMergeTree
ORDER BY (project_id, hash)
TTL removed_at + INTERVAL 90 DAY;

-- Dead letters of people who are being forgotten: no read shows them while they wait for their removal.
CREATE TABLE IF NOT EXISTS hidden_letters_v1
(
    project_id LowCardinality(String),
    request_id String,
    dead_letter_id String
)
ENGINE = MergeTree
PARTITION BY request_id
ORDER BY (project_id, dead_letter_id);

-- API processes over one database. Before anything is removed, each that is alive says that nothing older than the request waits in
-- it; and one of them removes.
CREATE TABLE IF NOT EXISTS api_processes_v1
(
    process String COMMENT 'one for each start',
    clear Array(String) COMMENT 'requests before which nothing waits in this process or its spool',
    removing_since Nullable(DateTime64(3, 'UTC')),
    closed Bool,
    at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'the clock of the database'
)
ENGINE = ReplacingMergeTree(at)
ORDER BY process
TTL toDateTime(at) + INTERVAL 1 DAY;

-- Runs of `settings.retention_days`: written before anything is removed, so that a run that died is finished with its own cutoff.
CREATE TABLE IF NOT EXISTS retention_runs_v1
(
    project_id LowCardinality(String),
    cutoff DateTime('UTC') COMMENT 'events before it are removed',
    started_at DateTime64(3, 'UTC'),
    finished_at Nullable(DateTime64(3, 'UTC')),
    removed UInt64,
    version DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (project_id, cutoff);
