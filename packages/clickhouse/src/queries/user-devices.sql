-- The visitors that were this user, each since when, and '' when a server sent events of the user without a visitor: what to look at
-- to answer anything about one person, by primary key. One may come several times.
SELECT linked_id AS anonymous_id, toUnixTimestamp64Milli(first_seen) AS since
FROM stored_links
WHERE project_id = {project_id:String} AND env = {env:String} AND user_id = {user_id:String}
