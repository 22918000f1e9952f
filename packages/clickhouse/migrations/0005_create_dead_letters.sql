-- Events that were refused although their key was good, to be looked at and replayed once the cause is mended. A replay adds a newer
-- version of the row.
-- Cost: metadata only.
CREATE TABLE IF NOT EXISTS dead_letters_v1
(
    project_id LowCardinality(String),
    env LowCardinality(String),
    dead_letter_id String,
    received_at DateTime64(3, 'UTC'),
    sent_at Nullable(DateTime64(3, 'UTC')) COMMENT 'the clock of the sender, of the batch',
    key_prefix LowCardinality(String),
    user_agent String COMMENT 'of the browser that sent it',
    country LowCardinality(String) COMMENT 'where the visitor was: the address itself is never kept',
    error LowCardinality(String),
    message String,
    event_id String,
    anonymous_id String,
    user_id String,
    vouched Bool COMMENT 'the user was beyond doubt when it came (verified identify): a replay lets nobody in who was not',
    is_row Bool COMMENT 'payload is a row of events_v1 that ClickHouse would not take, not an event of the wire',
    payload String COMMENT 'JSON; cut off when too_large' CODEC(ZSTD(3)),
    too_large Bool COMMENT 'cannot be replayed',
    replayed_at Nullable(DateTime64(3, 'UTC')),
    version DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree(version)
PARTITION BY toYYYYMM(received_at)
ORDER BY (project_id, env, received_at, dead_letter_id)
TTL toDateTime(received_at) + INTERVAL 30 DAY
SETTINGS non_replicated_deduplication_window = 1000;
