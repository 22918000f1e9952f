-- Projects and their API keys. A change is a new row; the newest version counts (read with FINAL: the tables are tiny).
-- Cost: metadata only.
CREATE TABLE IF NOT EXISTS projects_v1
(
    project_id String,
    name String,
    allowed_origins Array(String),
    settings String COMMENT 'JSON object',
    created_at DateTime64(3, 'UTC'),
    updated_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY project_id;

CREATE TABLE IF NOT EXISTS api_keys_v1
(
    prefix String COMMENT 'public part of the key, unique',
    project_id String,
    kind LowCardinality(String) COMMENT 'pk, sk or rk',
    env LowCardinality(String) COMMENT 'live or test',
    hash String COMMENT 'HMAC-SHA256 of the whole key with KEY_PEPPER, hex',
    label String,
    created_at DateTime64(3, 'UTC'),
    expires_at Nullable(DateTime64(3, 'UTC')) COMMENT 'rotated or revoked: does not work from then on',
    updated_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY prefix;

CREATE TABLE IF NOT EXISTS api_key_uses_v1
(
    prefix String,
    last_used_at SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'to the minute or so'
)
ENGINE = AggregatingMergeTree
ORDER BY prefix;
