-- Seed 3a, grouped: how many users each first touch brought.
SELECT
    touch.1 AS first_touch_source,
    touch.2 AS first_touch_medium,
    touch.3 AS first_touch_campaign,
    count() AS users
FROM
(
    SELECT owner, argMin((source, medium, campaign), (timestamp, event_id)) AS touch, min(timestamp) AS first_seen_at
    FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = [])
    WHERE owner IS NOT NULL
        AND timestamp < {to:DateTime64(3, 'UTC')}
        AND (is_bot = 0 OR {include_bots:Bool})
    GROUP BY owner
    HAVING first_seen_at >= {from:DateTime64(3, 'UTC')}
)
GROUP BY touch
ORDER BY users DESC, touch
LIMIT {limit:UInt32}
