-- The visitors of a user who is being forgotten.
SELECT anonymous_id
FROM hidden_links_v1
WHERE project_id = {project_id:String} AND env = {env:String} AND user_id = {user_id:String}
