-- Whom the stitch gives one event to.
SELECT owner
FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})
WHERE event_id = {event_id:String} AND timestamp = {at:DateTime64(3, 'UTC')}
ORDER BY owner
