-- The visitors that were these users, in the order they became so; '' stands for events sent by a server without a visitor. One
-- whose link was withdrawn is no device of the user's any more, but holds what the user sent there. One is shared when it has met
-- another user, too.
SELECT
    user_id,
    anonymous_id,
    anonymous_id != '' AND (anonymous_id, user_id) NOT IN
        (SELECT anonymous_id, user_id FROM void_links WHERE project_id = {project_id:String} AND env = {env:String}) AS linked,
    linked AND anonymous_id IN
    (
        SELECT anonymous_id
        FROM links
        WHERE project_id = {project_id:String} AND env = {env:String}
            AND anonymous_id IN
            (
                SELECT linked_id
                FROM events_v1
                WHERE project_id = {project_id:String} AND env = {env:String} AND events_v1.user_id IN {user_ids:Array(String)}
                GROUP BY project_id, env, events_v1.user_id, linked_id
            )
        GROUP BY anonymous_id
        HAVING count() > 1
    ) AS shared
FROM
(
    SELECT assumeNotNull(events_v1.user_id) AS user_id, linked_id AS anonymous_id, min(timestamp) AS first_seen
    FROM events_v1
    WHERE project_id = {project_id:String} AND env = {env:String} AND events_v1.user_id IN {user_ids:Array(String)}
        AND (linked_id, assumeNotNull(events_v1.user_id)) NOT IN
            (SELECT anonymous_id, user_id FROM hidden_links_v1 WHERE project_id = {project_id:String} AND env = {env:String})
    GROUP BY project_id, env, events_v1.user_id, linked_id
)
ORDER BY user_id, first_seen, anonymous_id
