-- The links of a forgotten user, in every environment; one row at least, because it tells the removal whom to look for.
INSERT INTO hidden_links_v1 (project_id, request_id, env, anonymous_id, user_id)
SELECT project_id, {request_id:String}, env, linked_id, assumeNotNull(events_v1.user_id)
FROM events_v1
WHERE project_id = {project_id:String} AND events_v1.user_id = {user_id:String}
    AND (env, linked_id) NOT IN
    (
        SELECT env, anonymous_id
        FROM hidden_links_v1
        WHERE project_id = {project_id:String} AND request_id = {request_id:String}
    )
GROUP BY project_id, env, events_v1.user_id, linked_id
