-- The next users by user_id, each with the visitors that were the user, '' for what servers sent; without those who did something
-- themselves before known_since.
SELECT assumeNotNull(events_v1.user_id) AS user_id, groupArray(linked_id) AS devices
FROM
(
    SELECT events_v1.user_id, linked_id
    FROM events_v1
    WHERE project_id = {project_id:String} AND env = {env:String} AND events_v1.user_id > {after:String}
    GROUP BY project_id, env, events_v1.user_id, linked_id
) AS events_v1
WHERE events_v1.user_id NOT IN
(
    SELECT events_v1.user_id
    FROM events_v1
    WHERE project_id = {project_id:String} AND env = {env:String} AND NOT (events_v1.user_id IS NULL)
        AND (is_bot = 0 OR {include_bots:Bool}) AND {known_since:DateTime64(3, 'UTC')} > toDateTime64('1900-01-01 00:00:00', 3, 'UTC')
    GROUP BY events_v1.user_id, is_bot
    HAVING min(touch) < bitShiftLeft(toUInt128(toUnixTimestamp64Milli({known_since:DateTime64(3, 'UTC')}) + 2208988800000), 65)
)
GROUP BY events_v1.user_id
ORDER BY user_id
LIMIT {limit:UInt32}
