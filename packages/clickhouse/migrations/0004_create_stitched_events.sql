-- Events with their owner: the anonymous → known stitch, in one place for every read.
--
--   SELECT event_name, owner FROM stitched_events(project_id = '…', env = 'live', stitch = 'time_sliced', devices = [])
--
-- devices: the visitors to look at; [] is all of them.
-- stitch, for an event without a user_id of its own:
--   time_sliced   the user of the next link in time on its visitor, else of the last one before it
--   first_owner   the first user ever linked to its visitor
--   all_devices   every user ever linked to its visitor: one row for each
-- owner is NULL when nobody was ever linked. Of links at the same instant the smaller user_id comes first, so the answer does
-- not depend on arrival order.
--
-- Only visitors with several users need the time of each link; for the others the one user is the answer.
-- Cost: metadata only.
CREATE VIEW IF NOT EXISTS stitched_events AS
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
        SELECT anonymous_id, timestamp, min(assumeNotNull(user_id)) AS first_user, max(assumeNotNull(user_id)) AS last_user
        FROM events_v1
        WHERE project_id = {project_id:String}
            AND env = {env:String}
            AND user_id IS NOT NULL
            AND {stitch:String} = 'time_sliced'
            AND anonymous_id IN (SELECT anonymous_id FROM device WHERE users > 1)
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
) AS e
LEFT JOIN device ON e.visitor = device.anonymous_id
ASOF LEFT JOIN link_times AS next_link ON e.visitor = next_link.anonymous_id AND e.timestamp <= next_link.timestamp
ASOF LEFT JOIN link_times AS last_link ON e.visitor = last_link.anonymous_id AND e.timestamp > last_link.timestamp
WHERE empty({devices:Array(String)}) OR e.anonymous_id IN {devices:Array(String)};
