-- Seed 3c: per user, when each named event was first reached, and hours since the user was first seen; NULL where it never
-- was. The range selects the users first seen in it.
SELECT
    assumeNotNull(owner) AS user_id,
    min(timestamp) AS first_seen_at,
    minMapIf(map(event_name, timestamp), event_name IN {events:Array(String)}) AS first_reached,
    arrayMap(name -> if(mapContains(first_reached, name), first_reached[name], NULL), {events:Array(String)}) AS reached_at,
    arrayMap(at -> dateDiff('hour', first_seen_at, at), reached_at) AS reached_hours
FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})
WHERE owner IS NOT NULL
    AND timestamp < {to:DateTime64(3, 'UTC')}
    AND (is_bot = 0 OR {include_bots:Bool})
    AND (empty({user_ids:Array(String)}) OR owner IN {user_ids:Array(String)})
    AND (empty({user_ids:Array(String)}) OR server_user_id = '' OR server_user_id IN {user_ids:Array(String)})
    AND owner > {after:String}
GROUP BY owner
HAVING first_seen_at >= {from:DateTime64(3, 'UTC')}
ORDER BY user_id
LIMIT {limit:UInt32}
