-- Seed 3a, grouped: how many users each first touch brought.
SELECT
    source AS first_touch_source,
    medium AS first_touch_medium,
    campaign AS first_touch_campaign,
    count() AS users
FROM first_touches_event_by_event(
    project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
    devices = {devices:Array(String)})
WHERE first_seen_at >= {from:DateTime64(3, 'UTC')} AND first_seen_at < {to:DateTime64(3, 'UTC')}
GROUP BY source, medium, campaign
ORDER BY users DESC, source, medium, campaign
LIMIT {limit:UInt32}
