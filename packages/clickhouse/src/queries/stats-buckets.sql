-- When the buckets of a range begin, epoch seconds: at full hours, midnights, Mondays or firsts of the month in the asked time zone,
-- with its daylight saving.
WITH
    (moment -> multiIf(
        {interval:String} = 'hour', toDateTime(toStartOfHour(toTimeZone(moment, {timezone:String})), 'UTC'),
        {interval:String} = 'day', toDateTime(toTimeZone(toDateTime(toDate(moment, {timezone:String}), {timezone:String}), 'UTC'), 'UTC'),
        {interval:String} = 'week', toDateTime(toTimeZone(toDateTime(toMonday(moment, {timezone:String}), {timezone:String}), 'UTC'), 'UTC'),
        toDateTime(toTimeZone(toDateTime(toStartOfMonth(moment, {timezone:String}), {timezone:String}), 'UTC'), 'UTC')
    )) AS bucket_of,
    -- Every bucket is met by one of these moments: they are at most half an hour, or half a day, apart.
    if({interval:String} = 'hour', 1800, 43200) AS step
SELECT DISTINCT toUnixTimestamp(bucket_of(
    least({from:DateTime64(3, 'UTC')} + toIntervalSecond(number * step), {to:DateTime64(3, 'UTC')} - toIntervalMillisecond(1))
)) AS bucket
FROM numbers(toUInt64(intDiv(dateDiff('second', {from:DateTime64(3, 'UTC')}, {to:DateTime64(3, 'UTC')}), step) + 2))
-- Every statement says whose it is.
WHERE {project_id:String} != ''
ORDER BY bucket
