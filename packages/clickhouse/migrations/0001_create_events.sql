-- Events: one row per event that counts, never rewritten. Who a row belongs to is answered at query time (stitched_events).
--
-- Why one table and no materialised views: what is derived from events (the ids already seen, the links between visitors and
-- users, each visitor's first touch) lives in projections. A projection is written in the same part as its rows, so it can
-- never miss a row after a crash, count one twice after a retry, or remember one that was deleted.
--
-- ORDER BY starts a visitor's path: one person's history is a handful of granules, and sessions of everybody are read as they lie.
-- Events without a visitor are sent by a server; server_user_id keeps each user's together.
-- PARTITION BY month for retention and for time ranges. Everything before 2015 shares one partition, so that absurd dates in
-- one batch cannot make hundreds of parts.
--
-- An event's id is more than a quarter of its bytes, so it is stored in parts. Of a UUIDv7, as the SDKs make them, the time is kept as its
-- distance from `timestamp`, mostly 0; 62 of its 74 drawn bits are id_low. Any other id is kept as text, with bits of its SHA-256 in id_low.
-- Written as `id` and `received`, which every insert has to name, read as `event_id` and `received_at`. docs/benchmarks.md has the
-- layouts that were tried, and what they cost.
-- Cost: metadata only.
CREATE TABLE IF NOT EXISTS events_v1
(
    project_id LowCardinality(String),
    env LowCardinality(String) COMMENT 'live or test: the key that sent it',
    timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    timestamp_clamped Bool,
    id String EPHEMERAL '',
    id_text String DEFAULT if(match(id, '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$') AND length(id) = 36, '', id) COMMENT 'empty for a UUIDv7' CODEC(ZSTD(1)),
    id_lag Int64 DEFAULT if(id_text != '', 0, reinterpretAsInt64(reverse(unhex(concat('0000', substring(id, 1, 8), substring(id, 10, 4)))))
        - toUnixTimestamp64Milli(timestamp)) COMMENT 'milliseconds from timestamp to the time in the id' CODEC(ZSTD(1)),
    id_high UInt16 DEFAULT if(id_text != '', 0, reinterpretAsUInt16(reverse(unhex(substring(id, 15, 4))))) COMMENT 'version and 12 drawn bits' CODEC(T64, ZSTD(1)),
    id_low UInt64 DEFAULT if(id_text != '', reinterpretAsUInt64(substring(SHA256(id), 1, 8)), reinterpretAsUInt64(reverse(unhex(concat(substring(id, 20, 4), substring(id, 25, 12))))))
        COMMENT 'variant and 62 drawn bits' CODEC(NONE),
    event_id String ALIAS if(id_text != '', id_text, toString(reinterpretAsUUID(bitOr(
        bitShiftLeft(toUInt128(id_low), 64),
        toUInt128(bitOr(bitShiftLeft(toUInt64(toUnixTimestamp64Milli(timestamp) + id_lag), 16), toUInt64(id_high)))
    )))),
    id_order Tuple(String, Int64, UInt16, UInt64) ALIAS (id_text, id_lag, id_high, id_low) COMMENT 'as event_id orders events of one instant, and cheaper',
    received DateTime64(3, 'UTC') EPHEMERAL timestamp,
    received_lag Int64 DEFAULT toUnixTimestamp64Milli(received) - toUnixTimestamp64Milli(timestamp) COMMENT 'milliseconds from timestamp to received_at' CODEC(T64, ZSTD(1)),
    received_at DateTime64(3, 'UTC') ALIAS fromUnixTimestamp64Milli(toUnixTimestamp64Milli(timestamp) + received_lag, 'UTC'),
    key_prefix LowCardinality(String) COMMENT 'public part of the key that sent it: the delivery ledger counts by it',
    event_name LowCardinality(String),
    anonymous_id String CODEC(ZSTD(3)),
    user_id Nullable(String) CODEC(ZSTD(1)),
    session_id String CODEC(ZSTD(1)),
    source LowCardinality(String),
    medium LowCardinality(String),
    campaign LowCardinality(String),
    channel LowCardinality(String),
    source_confidence LowCardinality(String),
    source_rule_id LowCardinality(String),
    rules_version UInt16,
    url String CODEC(ZSTD(3)),
    path String CODEC(ZSTD(3)),
    referrer String CODEC(ZSTD(3)),
    title String CODEC(ZSTD(3)),
    country LowCardinality(String),
    device_type LowCardinality(String),
    browser LowCardinality(String),
    os LowCardinality(String),
    is_bot Bool,
    bot_reason LowCardinality(String),
    properties String CODEC(ZSTD(3)),
    context String CODEC(ZSTD(3)),
    server_user_id String MATERIALIZED if(anonymous_id = '', ifNull(user_id, ''), '') CODEC(ZSTD(1)),

    -- Short for what projections hold; nothing of it is stored with the row.
    linked_id String ALIAS if(user_id IS NULL, '', anonymous_id),
    visitor UInt64 ALIAS cityHash64(anonymous_id),
    source_hash UInt64 ALIAS cityHash64(source, medium, campaign, channel),
    touch UInt128 ALIAS bitShiftLeft(toUInt128(toUnixTimestamp64Milli(timestamp) + 2208988800000), 65)
        + bitShiftLeft(toUInt128(source IN ('direct', 'internal')), 64)
        + source_hash COMMENT 'milliseconds since 1900, named source or not, source: of two the smaller is the first touch',
    id_second UInt32 ALIAS toUInt32(if(
        empty(id_text), intDiv(toUnixTimestamp64Milli(timestamp) + id_lag, 1000), reinterpretAsUInt32(substring(SHA256(id_text), 9, 4))
    )) COMMENT 'of the time in the id, so that ids of today lie together and looking for them reads what was stored today',

    -- 64 bits of the whole id, spread by an odd number, so that ids which differ in a few bits differ here, too.
    id_key UInt64 ALIAS if(
        empty(id_text),
        id_low + (toUInt64(toUnixTimestamp64Milli(timestamp) + id_lag) * 4096 + bitAnd(id_high, 4095)) * 11400714819323198485,
        id_low
    ),

    -- An insert that does not name `id` would store events without one.
    CONSTRAINT has_id CHECK id_low != 0 OR id_text != '',

    -- Exactly once: is this event id stored already? Of two ids in one second of one project, one in 1.8e19 pairs is taken for the
    -- other; of two texts, one in 7.9e28. Small granules, because a look-up reads one granule per id and part.
    PROJECTION event_ids
    (
        SELECT project_id, id_second, id_key
        GROUP BY project_id, id_second, id_key
    ) WITH SETTINGS (index_granularity = 512),

    -- Which visitor was which user, and when. All of a project's anonymous events are one row.
    PROJECTION links
    (
        SELECT project_id, env, user_id, linked_id, min(timestamp), max(timestamp)
        GROUP BY project_id, env, user_id, linked_id
    ),

    -- The first touch of every (visitor, user): the smallest number.
    PROJECTION touches
    (
        SELECT project_id, env, user_id IS NULL, visitor, user_id, is_bot, min(touch)
        GROUP BY project_id, env, user_id IS NULL, visitor, user_id, is_bot
    ),

    -- What the hashes of sources stand for.
    PROJECTION sources
    (
        SELECT project_id, env, source, medium, campaign, channel, source_hash
        GROUP BY project_id, env, source, medium, campaign, channel, source_hash
    )
)
ENGINE = MergeTree
PARTITION BY if(timestamp < toDateTime64('2015-01-01 00:00:00', 3, 'UTC'), 0, toYYYYMM(timestamp))
ORDER BY (project_id, env, anonymous_id, server_user_id, timestamp)
SETTINGS
    default_compression_codec = 'ZSTD(1)',
    -- Blocks remembered for insert_deduplication_token.
    non_replicated_deduplication_window = 10000,
    -- About ten parts of a size are merged at once, not five: merging 256 rows into the rest costs 8 ms of CPU instead of 16.
    merge_selector_base = 10,
    -- DELETE keeps the projections true instead of being refused.
    lightweight_mutation_projection_mode = 'rebuild';
