-- Users seen in the range, by user_id. What came first and last is looked for in all of their history before `to`.
SELECT
    assumeNotNull(owner) AS user_id,
    min(timestamp) AS first_seen_at,
    max(timestamp) AS last_seen_at,
    count() AS events,
    argMin((source, medium, campaign, channel), (timestamp, id_order)) AS first_touch
FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})
WHERE owner IS NOT NULL
    AND timestamp < {to:DateTime64(3, 'UTC')}
    AND (is_bot = 0 OR {include_bots:Bool})
    AND (empty({user_ids:Array(String)}) OR owner IN {user_ids:Array(String)})
    AND (empty({user_ids:Array(String)}) OR server_user_id = '' OR server_user_id IN {user_ids:Array(String)})
    AND owner > {after:String}
GROUP BY owner
HAVING last_seen_at >= {from:DateTime64(3, 'UTC')}
    AND (empty({source:Array(String)}) OR first_touch.1 IN {source:Array(String)})
    AND (empty({medium:Array(String)}) OR first_touch.2 IN {medium:Array(String)})
    AND (empty({campaign:Array(String)}) OR first_touch.3 IN {campaign:Array(String)})
    AND (empty({channel:Array(String)}) OR first_touch.4 IN {channel:Array(String)})
ORDER BY user_id
LIMIT {limit:UInt32}
