-- The work list of a forgotten visitor: its events that belong to no user.
INSERT INTO hidden_events_v1 (project_id, request_id, anonymous_id, event_id)
SELECT project_id, {request_id:String}, anonymous_id, event_id
FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = 'time_sliced', devices = [{anonymous_id:String}])
WHERE owner IS NULL
