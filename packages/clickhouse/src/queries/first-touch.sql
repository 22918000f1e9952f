-- Seed 3a: where each user came from. The first touch is looked for in all of the user's history; the range then selects the
-- users first seen in it, so that a report of one month never calls an old user's later visit the first.
SELECT
    user_id,
    source AS first_touch_source,
    medium AS first_touch_medium,
    campaign AS first_touch_campaign,
    channel AS first_touch_channel,
    first_seen_at
FROM first_touches_event_by_event(
    project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
    devices = {devices:Array(String)})
WHERE first_seen_at >= {from:DateTime64(3, 'UTC')} AND first_seen_at < {to:DateTime64(3, 'UTC')}
    AND user_id > {after:String}
ORDER BY user_id
LIMIT {limit:UInt32}
