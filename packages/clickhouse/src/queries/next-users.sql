-- The next users by user_id, each with the visitors that were the user, '' for what servers sent; without those who did something
-- themselves before known_since.
SELECT assumeNotNull(stored_links.user_id) AS user_id, groupUniqArray(linked_id) AS devices
FROM stored_links
WHERE project_id = {project_id:String} AND env = {env:String} AND stored_links.user_id > {after:String}
    AND stored_links.user_id NOT IN
    (
        SELECT stored_touches.user_id
        FROM stored_touches
        WHERE project_id = {project_id:String} AND env = {env:String} AND NOT is_anonymous AND (is_bot = 0 OR {include_bots:Bool})
            AND {known_since:DateTime64(3, 'UTC')} > toDateTime64('1900-01-01 00:00:00', 3, 'UTC')
            AND touch < bitShiftLeft(toUInt128(toUnixTimestamp64Milli({known_since:DateTime64(3, 'UTC')}) + 2208988800000), 65)
    )
GROUP BY stored_links.user_id
ORDER BY user_id
LIMIT {limit:UInt32}
