-- Seed 3b and the whole timeline: every event that the stitch gives to one user. An event is before_identify when it carries
-- no user_id and comes before its visitor first became this user, which was at `since`.
SELECT
    event_id, timestamp, received_at, event_name, anonymous_id, user_id, session_id, source, medium, campaign, channel,
    source_confidence, source_rule_id, url, path, referrer, title, country, device_type, browser, os, is_bot, bot_reason,
    properties, context, env, timestamp_clamped,
    if(
        user_id IS NULL
            AND toUnixTimestamp64Milli(timestamp) <= arrayElement({since:Array(Int64)}, indexOf({devices:Array(String)}, anonymous_id)),
        'before_identify', 'identified'
    ) AS phase
FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})
WHERE owner = {user_id:String}
    AND timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}
    AND (is_bot = 0 OR {include_bots:Bool})
    AND ({phase:String} = '' OR phase = {phase:String})
    AND (timestamp, event_id) > ({after_timestamp:DateTime64(3, 'UTC')}, {after_event_id:String})
ORDER BY timestamp, event_id
LIMIT {limit:UInt32}
