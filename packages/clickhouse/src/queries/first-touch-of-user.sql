-- Seed 3a for one user, event by event, as first_touches_event_by_event has it.
SELECT
    assumeNotNull(owner) AS user_id,
    touch.1 AS first_touch_source,
    touch.2 AS first_touch_medium,
    touch.3 AS first_touch_campaign,
    touch.4 AS first_touch_channel,
    first_seen_at
FROM
(
    SELECT
        owner,
        min(timestamp) AS first_seen_at,
        argMin(
            (source, medium, campaign, channel),
            (timestamp, source IN ('direct', 'internal'), cityHash64(source, medium, campaign, channel))
        ) AS touch
    FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})
    WHERE owner = {user_id:String} AND server_user_id IN ('', {user_id:String}) AND (is_bot = 0 OR {include_bots:Bool})
    GROUP BY owner
)
WHERE first_seen_at >= {from:DateTime64(3, 'UTC')} AND first_seen_at < {to:DateTime64(3, 'UTC')} AND user_id > {after:String}
LIMIT {limit:UInt32}
