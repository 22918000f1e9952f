-- Seed 3a: where each user came from. The first touch is looked for in all of the user's history before `to`; the range
-- then selects the users first seen in it, so that a report of one month never calls an old user's later visit the first.
SELECT
    assumeNotNull(owner) AS user_id,
    argMin(source, (timestamp, event_id)) AS first_touch_source,
    argMin(medium, (timestamp, event_id)) AS first_touch_medium,
    argMin(campaign, (timestamp, event_id)) AS first_touch_campaign,
    argMin(channel, (timestamp, event_id)) AS first_touch_channel,
    min(timestamp) AS first_seen_at
FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})
WHERE owner IS NOT NULL
    AND timestamp < {to:DateTime64(3, 'UTC')}
    AND (is_bot = 0 OR {include_bots:Bool})
    AND ({user_id:String} = '' OR owner = {user_id:String})
    AND owner > {after:String}
GROUP BY owner
HAVING first_seen_at >= {from:DateTime64(3, 'UTC')}
ORDER BY user_id
LIMIT {limit:UInt32}
