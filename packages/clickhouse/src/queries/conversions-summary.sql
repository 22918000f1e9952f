-- Over all users first seen in the range: how many reached each event, and how long it took them, in hours.
SELECT
    users,
    reached,
    hours
FROM
(
    SELECT
        count() AS users,
        arrayMap(at -> at, sumForEach(arrayMap(at -> at IS NOT NULL, reached_at))) AS reached,
        quantilesExactForEach(0.25, 0.5, 0.75, 0.9)(
            arrayMap(at -> dateDiff('second', first_seen_at, at) / 3600, reached_at)
        ) AS hours
    FROM
    (
        SELECT
            min(timestamp) AS first_seen_at,
            minMapIf(map(event_name, timestamp), event_name IN {events:Array(String)}) AS first_reached,
            arrayMap(name -> if(mapContains(first_reached, name), first_reached[name], NULL), {events:Array(String)}) AS reached_at
        FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})
        WHERE owner IS NOT NULL
            AND timestamp < {to:DateTime64(3, 'UTC')}
            AND (is_bot = 0 OR {include_bots:Bool})
            AND ({user_id:String} = '' OR owner = {user_id:String})
        GROUP BY owner
        HAVING first_seen_at >= {from:DateTime64(3, 'UTC')}
    )
)
