-- The work list of a forgotten user: exactly the events that the stitch gives to them now, found before anything is hidden.
INSERT INTO hidden_events_v1 (project_id, request_id, anonymous_id, event_id)
SELECT project_id, {request_id:String}, anonymous_id, event_id
FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = 'time_sliced', devices = {devices:Array(String)})
WHERE owner = {user_id:String} AND server_user_id IN ('', {user_id:String})
