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
                FROM stored_links
                WHERE project_id = {project_id:String} AND env = {env:String} AND user_id IN {user_ids:Array(String)}
            )
        GROUP BY anonymous_id
        HAVING count() > 1
    ) AS shared
FROM
(
    SELECT assumeNotNull(stored_links.user_id) AS user_id, linked_id AS anonymous_id, min(stored_links.first_seen) AS first_seen
    FROM stored_links
    WHERE project_id = {project_id:String} AND env = {env:String} AND stored_links.user_id IN {user_ids:Array(String)}
        AND (linked_id, assumeNotNull(stored_links.user_id)) NOT IN
            (SELECT anonymous_id, user_id FROM hidden_links_v1 WHERE project_id = {project_id:String} AND env = {env:String})
    GROUP BY stored_links.user_id, linked_id
)
ORDER BY user_id, first_seen, anonymous_id
