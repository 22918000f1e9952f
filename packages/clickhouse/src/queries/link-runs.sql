-- For each of these visitors, the ends of the runs in which an event without a user would be this user's (mine), or somebody else's,
-- oldest first; after_mine tells of what comes after the last link.
WITH
    links_of AS
    (
        SELECT anonymous_id, timestamp, min(user_id) AS first_user, max(user_id) AS last_user
        FROM
        (
            SELECT anonymous_id, timestamp, assumeNotNull(events_v1.user_id) AS user_id
            FROM events_v1
            WHERE project_id = {project_id:String} AND env = {env:String}
                AND events_v1.user_id IS NOT NULL AND anonymous_id != '' AND anonymous_id IN {devices:Array(String)}
        )
        WHERE (anonymous_id, user_id) IN
        (
            SELECT anonymous_id, user_id
            FROM links
            WHERE project_id = {project_id:String} AND env = {env:String} AND anonymous_id IN {devices:Array(String)}
        )
        GROUP BY anonymous_id, timestamp
    ),
    marked AS
    (
        SELECT
            anonymous_id,
            timestamp,
            first_user = {user_id:String} AS mine,
            last_user = {user_id:String} AS after_mine,
            leadInFrame(toNullable(mine)) OVER
                (PARTITION BY anonymous_id ORDER BY timestamp ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next_mine
        FROM links_of
    )
SELECT anonymous_id, toUnixTimestamp64Milli(timestamp) AS until, toBool(mine) AS mine, toBool(after_mine) AS after_mine, next_mine IS NULL AS is_last
FROM marked
WHERE next_mine IS NULL OR next_mine != mine
ORDER BY anonymous_id, timestamp
