-- What reads leave out although its rows are there: links that were withdrawn, and people who are being forgotten.
--
-- link_withdrawals_v1 is the audit log of unlink and relink; the newest row of a link counts. Nothing else changes when a link
-- is withdrawn: an event that carries the user_id itself keeps its owner, and what the link gave to the user falls to the next rule.
--
-- hidden_events_v1 and hidden_links_v1 are the work list of a forget request, complete before anything is removed. From then on no read
-- shows these rows, nor makes these links; when their bytes are gone the partition of the request is dropped.
-- One partition for each request, because that is how a work list ends: without a trace of the ids.
-- Cost: metadata only. Before the code that writes these tables.
CREATE TABLE IF NOT EXISTS link_withdrawals_v1
(
    project_id LowCardinality(String),
    env LowCardinality(String),
    anonymous_id String,
    user_id String,
    at DateTime64(6, 'UTC') DEFAULT now64(6),
    action LowCardinality(String) COMMENT 'unlink or relink',
    reason String,
    key_prefix LowCardinality(String) COMMENT 'public part of the key that asked for it'
)
ENGINE = MergeTree
ORDER BY (project_id, env, anonymous_id, user_id, at)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS hidden_events_v1
(
    project_id String,
    request_id String,
    anonymous_id String,
    event_id String
)
ENGINE = MergeTree
PARTITION BY request_id
ORDER BY (project_id, anonymous_id, event_id)
SETTINGS non_replicated_deduplication_window = 1000;

CREATE TABLE IF NOT EXISTS hidden_links_v1
(
    project_id String,
    request_id String,
    env String,
    anonymous_id String COMMENT 'empty for events of a server without a visitor',
    user_id String
)
ENGINE = MergeTree
PARTITION BY request_id
ORDER BY (project_id, env, anonymous_id, user_id)
SETTINGS non_replicated_deduplication_window = 1000;

-- Links that count for nothing.
CREATE VIEW IF NOT EXISTS void_links AS
SELECT project_id, env, anonymous_id, user_id
FROM link_withdrawals_v1
GROUP BY project_id, env, anonymous_id, user_id
HAVING argMax(action, (at, action)) = 'unlink'
UNION ALL
SELECT project_id, env, anonymous_id, user_id
FROM hidden_links_v1;
