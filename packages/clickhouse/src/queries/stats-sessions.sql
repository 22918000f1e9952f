-- Sessions that began in the range per group of their entry and bucket, the largest groups first; buckets without any are left out.
SELECT values, sum(value) AS total, groupArray((bucket, value)) AS buckets
FROM
(
    SELECT bucket, [toString(first), toString(second), toString(third)] AS values, value
    FROM
    (
        SELECT
            roundDown(toUnixTimestamp(started_at), {buckets:Array(UInt32)}) AS bucket,
            {group_1:Identifier} AS first,
            {group_2:Identifier} AS second,
            {group_3:Identifier} AS third,
            count() AS value
        FROM sessions(
            project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
            with_paths = {with_paths:Bool}, devices = [], from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')})
        WHERE (empty({source:Array(String)}) OR source IN {source:Array(String)})
            AND (empty({medium:Array(String)}) OR medium IN {medium:Array(String)})
            AND (empty({channel:Array(String)}) OR channel IN {channel:Array(String)})
            AND (empty({campaign:Array(String)}) OR campaign IN {campaign:Array(String)})
        GROUP BY bucket, first, second, third
    )
)
GROUP BY values
ORDER BY total DESC, values
LIMIT {limit:UInt32}
