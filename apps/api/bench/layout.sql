-- The plain table that every layout changes in one thing: columns as they are sent, months, a visitor's path first, ZSTD(1), nothing beside it.
CREATE TABLE layout
(
    project_id LowCardinality(String),
    env LowCardinality(String),
    event_id String,
    timestamp DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    event_name LowCardinality(String),
    anonymous_id String,
    user_id Nullable(String),
    session_id String,
    source LowCardinality(String),
    medium LowCardinality(String),
    campaign LowCardinality(String),
    channel LowCardinality(String),
    source_confidence LowCardinality(String),
    source_rule_id LowCardinality(String),
    rules_version UInt16,
    url String,
    path String,
    referrer String,
    title String,
    country LowCardinality(String),
    device_type LowCardinality(String),
    browser LowCardinality(String),
    os LowCardinality(String),
    is_bot Bool,
    bot_reason LowCardinality(String),
    properties String,
    context String
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(timestamp)
ORDER BY (project_id, env, anonymous_id, timestamp)
SETTINGS default_compression_codec = 'ZSTD(1)'
