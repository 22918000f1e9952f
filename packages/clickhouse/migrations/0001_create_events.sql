-- Events: one row per event that counts, never rewritten. Who a row belongs to is answered at query time (stitched_events).
--
-- Why one table and no materialised views: what is derived from events (the ids already seen, the links between visitors and
-- users, each visitor's first touch) lives in projections. A projection is written in the same part as its rows, so it can
-- never miss a row after a crash, count one twice after a retry, or remember one that was deleted.
--
-- ORDER BY starts a visitor's path: one person's history is a handful of granules. Events without a visitor are sent by a
-- server; server_user_id keeps each user's together.
-- PARTITION BY month for retention and for time ranges. Everything before 2015 shares one partition, so that absurd dates in
-- one batch cannot make hundreds of parts.
-- Cost: metadata only.
CREATE TABLE IF NOT EXISTS events_v1
(
    project_id LowCardinality(String),
    env LowCardinality(String) COMMENT 'live or test: the key that sent it',
    event_id String CODEC(ZSTD(3)),
    timestamp DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    received_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    timestamp_clamped Bool,
    event_name LowCardinality(String),
    anonymous_id String CODEC(ZSTD(1)),
    user_id Nullable(String) CODEC(ZSTD(1)),
    session_id String CODEC(ZSTD(1)),
    source LowCardinality(String),
    medium LowCardinality(String),
    campaign LowCardinality(String),
    channel LowCardinality(String),
    source_confidence LowCardinality(String),
    source_rule_id LowCardinality(String),
    rules_version UInt16,
    url String CODEC(ZSTD(1)),
    path String CODEC(ZSTD(1)),
    referrer String CODEC(ZSTD(1)),
    title String CODEC(ZSTD(1)),
    country LowCardinality(String),
    device_type LowCardinality(String),
    browser LowCardinality(String),
    os LowCardinality(String),
    is_bot Bool,
    bot_reason LowCardinality(String),
    properties String CODEC(ZSTD(3)),
    context String CODEC(ZSTD(3)),
    server_user_id String MATERIALIZED if(anonymous_id = '', ifNull(user_id, ''), '') CODEC(ZSTD(1)),

    -- Exactly once: is this event id stored already? Small granules, because a look-up reads one granule per id and part.
    PROJECTION event_ids
    (
        SELECT project_id, event_id
        ORDER BY project_id, event_id
    ) WITH SETTINGS (index_granularity = 512),

    -- Which visitor was which user, and when; with a NULL user, the visitor's anonymous time.
    PROJECTION links
    (
        SELECT project_id, env, user_id, anonymous_id, min(timestamp), max(timestamp)
        GROUP BY project_id, env, user_id, anonymous_id
    )
)
ENGINE = MergeTree
PARTITION BY if(timestamp < toDateTime64('2015-01-01 00:00:00', 3, 'UTC'), 0, toYYYYMM(timestamp))
ORDER BY (project_id, env, anonymous_id, server_user_id, timestamp)
SETTINGS
    -- Blocks remembered for insert_deduplication_token.
    non_replicated_deduplication_window = 10000,
    -- About ten parts of a size are merged at once, not five: merging 256 rows into the rest costs 8 ms of CPU instead of 16.
    merge_selector_base = 10,
    -- DELETE keeps the projections true instead of being refused.
    lightweight_mutation_projection_mode = 'rebuild';
