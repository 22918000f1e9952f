-- Which of these event ids count already.
SELECT project_id, event_id
FROM events_v1
WHERE project_id IN {project_ids:Array(String)} AND event_id IN {event_ids:Array(String)}
