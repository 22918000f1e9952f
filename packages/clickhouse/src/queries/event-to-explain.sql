-- One event and where it stands, unless it is hidden. Found by one column of its id, then by the id.
SELECT event_id, timestamp, event_name, anonymous_id, user_id
FROM events_v1
WHERE project_id = {project_id:String} AND env = {env:String} AND id_low = {low:UInt64} AND event_id = {event_id:String}
    AND event_id NOT IN (SELECT event_id FROM hidden_events_v1 WHERE project_id = {project_id:String})
LIMIT 1
