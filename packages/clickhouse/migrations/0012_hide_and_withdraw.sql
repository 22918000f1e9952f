-- What reads leave out although its rows are there: links that were withdrawn, and people who are being forgotten.
--
-- link_withdrawals_v1 is the audit log of unlink and relink; the newest row of a link counts. Nothing else changes when a link
-- is withdrawn: an event that carries the user_id itself keeps its owner, and what the link gave to the user falls to the next rule.
--
-- hidden_events_v1 and hidden_links_v1 are the work list of a forget request, complete before anything is removed. From then on no read
-- shows these rows, nor makes these links; when their bytes are gone the partition of the request is dropped.
-- One partition for each request, because that is how a work list ends: without a trace of the ids.
-- Events are compared with the list only while there is one: the scalar sub-query folds to a constant, and event_id is not read.
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

CREATE OR REPLACE VIEW events AS
SELECT
    project_id, env, event_id, timestamp, received_at, timestamp_clamped, event_name, anonymous_id, user_id, session_id,
    source, medium, campaign, channel, source_confidence, source_rule_id, rules_version,
    url, path, referrer, title, country, device_type, browser, os, is_bot, bot_reason, properties, context
FROM events_v1
WHERE (SELECT count() FROM hidden_events_v1) = 0
    OR (project_id, event_id) NOT IN (SELECT project_id, event_id FROM hidden_events_v1);

CREATE OR REPLACE VIEW links AS
SELECT
    project_id,
    env,
    anonymous_id,
    assumeNotNull(events_v1.user_id) AS user_id,
    min(timestamp) AS first_seen,
    max(timestamp) AS last_seen
FROM events_v1
WHERE events_v1.user_id IS NOT NULL AND anonymous_id != ''
    AND (project_id, env, anonymous_id, assumeNotNull(events_v1.user_id)) NOT IN
        (SELECT project_id, env, anonymous_id, user_id FROM void_links)
GROUP BY project_id, env, events_v1.user_id, anonymous_id;

-- As 0004 explains it.
CREATE OR REPLACE VIEW stitched_events AS
WITH
    device AS
    (
        SELECT
            anonymous_id,
            argMin(user_id, (first_seen, user_id)) AS first_user,
            uniqExact(user_id) AS users
        FROM links
        WHERE project_id = {project_id:String}
            AND env = {env:String}
            AND (empty({devices:Array(String)}) OR anonymous_id IN {devices:Array(String)})
        GROUP BY anonymous_id, if({stitch:String} = 'all_devices', user_id, '')
    ),
    link_times AS
    (
        SELECT anonymous_id, timestamp, min(assumeNotNull(events_v1.user_id)) AS first_user, max(assumeNotNull(events_v1.user_id)) AS last_user
        FROM events_v1
        WHERE project_id = {project_id:String}
            AND env = {env:String}
            AND events_v1.user_id IS NOT NULL
            AND {stitch:String} = 'time_sliced'
            AND anonymous_id IN (SELECT anonymous_id FROM device WHERE users > 1)
            AND (anonymous_id, assumeNotNull(events_v1.user_id)) NOT IN
                (SELECT anonymous_id, user_id FROM void_links WHERE project_id = {project_id:String} AND env = {env:String})
        GROUP BY anonymous_id, timestamp
    )
SELECT
    e.project_id AS project_id, e.env AS env, e.event_id AS event_id, e.timestamp AS timestamp, e.received_at AS received_at,
    e.timestamp_clamped AS timestamp_clamped, e.event_name AS event_name, e.anonymous_id AS anonymous_id, e.user_id AS user_id,
    e.session_id AS session_id, e.source AS source, e.medium AS medium, e.campaign AS campaign, e.channel AS channel,
    e.source_confidence AS source_confidence, e.source_rule_id AS source_rule_id, e.rules_version AS rules_version,
    e.url AS url, e.path AS path, e.referrer AS referrer, e.title AS title, e.country AS country,
    e.device_type AS device_type, e.browser AS browser, e.os AS os, e.is_bot AS is_bot, e.bot_reason AS bot_reason,
    e.properties AS properties, e.context AS context, e.server_user_id AS server_user_id,
    nullIf(multiIf(
        e.user_id IS NOT NULL, assumeNotNull(e.user_id),
        device.users = 1 OR {stitch:String} = 'first_owner', device.first_user,
        next_link.first_user != '', next_link.first_user,
        last_link.last_user
    ), '') AS owner
FROM
(
    -- An event with a user_id needs no visitor to find its owner.
    SELECT *, server_user_id, if(user_id IS NULL, anonymous_id, '') AS visitor
    FROM events_v1
    WHERE project_id = {project_id:String} AND env = {env:String}
        AND ((SELECT count() FROM hidden_events_v1 WHERE project_id = {project_id:String}) = 0
            OR event_id NOT IN (SELECT event_id FROM hidden_events_v1 WHERE project_id = {project_id:String}))
) AS e
LEFT JOIN device ON e.visitor = device.anonymous_id
ASOF LEFT JOIN link_times AS next_link ON e.visitor = next_link.anonymous_id AND e.timestamp <= next_link.timestamp
ASOF LEFT JOIN link_times AS last_link ON e.visitor = last_link.anonymous_id AND e.timestamp > last_link.timestamp
WHERE empty({devices:Array(String)}) OR e.anonymous_id IN {devices:Array(String)};
