-- Seed 3b and the whole timeline: every event that the stitch gives to one user. An event is before_identify when it carries
-- no user_id and comes before its visitor first became this user.
SELECT
    event_id, timestamp, received_at, event_name, anonymous_id, user_id, session_id, source, medium, campaign, channel,
    source_confidence, source_rule_id, url, path, referrer, title, country, device_type, browser, os, is_bot, bot_reason,
    properties, context, env, timestamp_clamped,
    if(user_id IS NULL AND timestamp <= first_seen, 'before_identify', 'identified') AS phase
FROM
(
    SELECT *
    FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})
    WHERE owner = {user_id:String} AND server_user_id IN ('', {user_id:String})
) AS event
LEFT JOIN
(
    SELECT anonymous_id, first_seen
    FROM links
    WHERE project_id = {project_id:String} AND env = {env:String} AND user_id = {user_id:String}
) AS link ON event.anonymous_id = link.anonymous_id
WHERE timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}
    AND (is_bot = 0 OR {include_bots:Bool})
    AND ({phase:String} = '' OR phase = {phase:String})
    AND (timestamp, event_id) > ({after_timestamp:DateTime64(3, 'UTC')}, {after_event_id:String})
ORDER BY timestamp, event_id
LIMIT {limit:UInt32}
