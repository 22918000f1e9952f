-- What one visitor did, newest first, each event with its owner by the stitch.
SELECT
    event_id, timestamp, event_name, path, source, medium, campaign, channel, session_id, user_id, owner
FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})
WHERE anonymous_id = {anonymous_id:String}
ORDER BY timestamp DESC, event_id DESC
LIMIT {limit:UInt32}
