-- People by the day, week or month in the asked time zone when they first did the cohort's event, and how many of them did the
-- returning event so many days, weeks or months later; period -1 is all of them. Nobody returns before the first time, which is
-- looked for in all of their history before `to`.
WITH (moment -> multiIf(
    {interval:String} = 'day', toDate(moment, {timezone:String}),
    {interval:String} = 'week', toMonday(moment, {timezone:String}),
    toStartOfMonth(moment, {timezone:String})
)) AS bucket_of
SELECT cohort, period, count() AS people
FROM
(
    SELECT
        bucket_of(min(first_at)) AS cohort,
        groupArrayIf((bucket, last_return), last_return IS NOT NULL) AS returns,
        arrayJoin(arrayPushFront(
            arrayMap(
                return -> multiIf(
                    {interval:String} = 'day', dateDiff('day', cohort, return.1),
                    {interval:String} = 'week', dateDiff('week', cohort, return.1),
                    dateDiff('month', cohort, return.1)
                ),
                arrayFilter(return -> return.2 >= min(first_at), returns)
            ),
            -1
        )) AS period
    FROM
    (
        SELECT
            -- 128 bits, because so many people stay in memory.
            sipHash128(owner IS NULL, ifNull(owner, anonymous_id)) AS person,
            bucket_of(timestamp) AS bucket,
            minOrNullIf(timestamp, {event:String} = '' OR event_name = {event:String}) AS first_at,
            maxOrNullIf(timestamp, {returning_event:String} = '' OR event_name = {returning_event:String}) AS last_return
        FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = [])
        WHERE timestamp < {to:DateTime64(3, 'UTC')} AND (is_bot = 0 OR {include_bots:Bool})
        GROUP BY person, bucket
    )
    GROUP BY person
    HAVING min(first_at) >= {from:DateTime64(3, 'UTC')}
)
GROUP BY cohort, period
ORDER BY cohort, period
