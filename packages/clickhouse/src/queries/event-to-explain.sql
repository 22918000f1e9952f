-- One event and where it stands, unless it is hidden.
SELECT event_id, timestamp, event_name, anonymous_id, user_id
FROM events
WHERE project_id = {project_id:String} AND env = {env:String} AND event_id = {event_id:String}
LIMIT 1
