-- One number per bucket and group, zero where nothing happened. Buckets begin at full hours, midnights, Mondays or firsts of the
-- month in the asked time zone, with its daylight saving; without an interval there is one bucket, the range.
-- uniques counts people: a user once over all devices, a visitor nobody knows once. users counts users. sessions counts those that
-- began in the bucket, by their entry.
WITH
    (moment -> multiIf(
        {interval:String} = 'hour', toDateTime(toStartOfHour(toTimeZone(moment, {timezone:String})), 'UTC'),
        {interval:String} = 'day', toDateTime(toTimeZone(toDateTime(toDate(moment, {timezone:String}), {timezone:String}), 'UTC'), 'UTC'),
        {interval:String} = 'week', toDateTime(toTimeZone(toDateTime(toMonday(moment, {timezone:String}), {timezone:String}), 'UTC'), 'UTC'),
        {interval:String} = 'month', toDateTime(toTimeZone(toDateTime(toStartOfMonth(moment, {timezone:String}), {timezone:String}), 'UTC'), 'UTC'),
        toDateTime({from:DateTime64(3, 'UTC')}, 'UTC')
    )) AS bucket_of,
    -- Every bucket is met by one of these moments: they are at most half an hour, or half a day, apart.
    if({interval:String} = 'hour', 1800, 43200) AS step,
    grid AS
    (
        SELECT DISTINCT bucket_of(least({from:DateTime64(3, 'UTC')} + toIntervalSecond(number * step), {to:DateTime64(3, 'UTC')} - toIntervalMillisecond(1))) AS bucket
        FROM numbers(if({interval:String} = '', 1, toUInt64(intDiv(dateDiff('second', {from:DateTime64(3, 'UTC')}, {to:DateTime64(3, 'UTC')}), step) + 2)))
    ),
    counted AS
    (
        SELECT
            bucket_of(timestamp) AS bucket,
            toString({group_1:Identifier}) AS value_1,
            toString({group_2:Identifier}) AS value_2,
            toString({group_3:Identifier}) AS value_3,
            multiIf(
                {metric:String} = 'count', count(),
                {metric:String} = 'uniques', uniqExactIf(if(owner IS NULL, ('visitor', anonymous_id), ('user', assumeNotNull(owner))), {metric:String} = 'uniques'),
                uniqExactIf(owner, {metric:String} = 'users')
            ) AS value
        FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = [])
        WHERE {metric:String} != 'sessions'
            AND timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}
            AND (is_bot = 0 OR {include_bots:Bool})
            AND (empty({event:Array(String)}) OR event_name IN {event:Array(String)})
            AND (empty({source:Array(String)}) OR source IN {source:Array(String)})
            AND (empty({medium:Array(String)}) OR medium IN {medium:Array(String)})
            AND (empty({channel:Array(String)}) OR channel IN {channel:Array(String)})
            AND (empty({campaign:Array(String)}) OR campaign IN {campaign:Array(String)})
            AND (empty({country:Array(String)}) OR country IN {country:Array(String)})
        GROUP BY bucket, value_1, value_2, value_3
        UNION ALL
        SELECT
            bucket_of(started_at) AS bucket,
            toString({session_group_1:Identifier}) AS value_1,
            toString({session_group_2:Identifier}) AS value_2,
            toString({session_group_3:Identifier}) AS value_3,
            count() AS value
        FROM sessions(
            project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
            visitor = '', devices = [], from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')})
        WHERE {metric:String} = 'sessions'
            AND (empty({source:Array(String)}) OR source IN {source:Array(String)})
            AND (empty({medium:Array(String)}) OR medium IN {medium:Array(String)})
            AND (empty({channel:Array(String)}) OR channel IN {channel:Array(String)})
            AND (empty({campaign:Array(String)}) OR campaign IN {campaign:Array(String)})
        GROUP BY bucket, value_1, value_2, value_3
    ),
    largest AS
    (
        SELECT value_1, value_2, value_3, sum(value) AS total
        FROM counted
        GROUP BY value_1, value_2, value_3
        ORDER BY total DESC, value_1, value_2, value_3
        LIMIT {limit:UInt32}
    ),
    shown AS
    (
        SELECT value_1, value_2, value_3, total FROM largest
        UNION ALL
        SELECT {project_id:String}, {project_id:String}, {project_id:String}, 0
        WHERE NOT {grouped:Bool} AND (SELECT count() FROM largest) = 0
    )
SELECT grid.bucket AS bucket, [shown.value_1, shown.value_2, shown.value_3] AS values, ifNull(counted.value, 0) AS value
FROM grid
CROSS JOIN shown
LEFT JOIN counted
    ON counted.bucket = grid.bucket AND counted.value_1 = shown.value_1 AND counted.value_2 = shown.value_2 AND counted.value_3 = shown.value_3
ORDER BY bucket, shown.total DESC, values
