-- One link as its events tell it, whether it was withdrawn or not, with the newest entry of its log. No row when it never was.
SELECT
    min(timestamp) AS first_seen,
    max(timestamp) AS last_seen,
    (
        SELECT argMax(action, (at, action))
        FROM link_withdrawals_v1
        WHERE project_id = {project_id:String} AND env = {env:String}
            AND anonymous_id = {anonymous_id:String} AND user_id = {user_id:String}
    ) = 'unlink' AS withdrawn
FROM events_v1
WHERE project_id = {project_id:String} AND env = {env:String}
    AND linked_id = {anonymous_id:String} AND user_id = {user_id:String}
    AND (linked_id, assumeNotNull(user_id)) NOT IN
        (SELECT anonymous_id, user_id FROM hidden_links_v1 WHERE project_id = {project_id:String} AND env = {env:String})
GROUP BY project_id, env, user_id, linked_id
