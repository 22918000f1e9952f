-- The delivery ledger: what became of the events that each key sent, by the minute of their arrival (docs/architecture/delivery-ledger.md).
-- Kept for 13 months, so that a month can be compared with the one a year before.
-- Cost: metadata only.
CREATE TABLE IF NOT EXISTS receipts_v1
(
    project_id LowCardinality(String),
    env LowCardinality(String),
    minute DateTime('UTC') CODEC(Delta, ZSTD(1)),
    key_prefix LowCardinality(String),
    outcome LowCardinality(String) COMMENT 'received, accepted, rejected, duplicate, stored or dead',
    reason LowCardinality(String) COMMENT 'of rejected: the error code',
    events UInt64
)
ENGINE = SummingMergeTree(events)
PARTITION BY toYYYYMM(minute)
ORDER BY (project_id, env, minute, key_prefix, outcome, reason)
TTL minute + INTERVAL 13 MONTH
SETTINGS non_replicated_deduplication_window = 1000;
