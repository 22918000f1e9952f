-- People or users per group and bucket, the largest groups first; buckets where nothing happened are left out.
-- uniques counts people: a user once over all devices, a visitor nobody knows once. users counts users.
SELECT values, sum(value) AS total, groupArray((bucket, value)) AS buckets
FROM
(
    SELECT bucket, [toString(first), toString(second), toString(third)] AS values, value
    FROM
    (
        SELECT
            roundDown(toUnixTimestamp(timestamp), {buckets:Array(UInt32)}) AS bucket,
            {group_1:Identifier} AS first,
            {group_2:Identifier} AS second,
            {group_3:Identifier} AS third,
            if(
                {metric:String} = 'uniques',
                uniqExactIf(if(owner IS NULL, ('visitor', anonymous_id), ('user', assumeNotNull(owner))), {metric:String} = 'uniques'),
                uniqExactIf(owner, {metric:String} = 'users')
            ) AS value
        FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = [])
        WHERE timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}
            AND (is_bot = 0 OR {include_bots:Bool})
            AND (empty({event:Array(String)}) OR event_name IN {event:Array(String)})
            AND (empty({source:Array(String)}) OR source IN {source:Array(String)})
            AND (empty({medium:Array(String)}) OR medium IN {medium:Array(String)})
            AND (empty({channel:Array(String)}) OR channel IN {channel:Array(String)})
            AND (empty({campaign:Array(String)}) OR campaign IN {campaign:Array(String)})
            AND (empty({country:Array(String)}) OR country IN {country:Array(String)})
        GROUP BY bucket, first, second, third
    )
)
GROUP BY values
ORDER BY total DESC, values
LIMIT {limit:UInt32}
