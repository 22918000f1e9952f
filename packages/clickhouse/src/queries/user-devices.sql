-- The visitors that were this user, and '' when a server sent events of the user without a visitor: what to look at to
-- answer anything about one person, by primary key.
SELECT linked_id AS anonymous_id
FROM events_v1
WHERE project_id = {project_id:String} AND env = {env:String} AND user_id = {user_id:String}
    AND (linked_id, user_id) NOT IN (SELECT anonymous_id, user_id FROM hidden_links_v1 WHERE project_id = {project_id:String} AND env = {env:String})
GROUP BY project_id, env, user_id, linked_id
ORDER BY linked_id
