-- Whose events one visitor's are, and where each owner came from on this visitor alone; what has no owner is one row, of NULL.
SELECT
    owner,
    count() AS events,
    countIf(user_id IS NULL) AS events_without_user_id,
    min(timestamp) AS first_seen_at,
    argMin(source, (timestamp, event_id)) AS first_source,
    argMin(medium, (timestamp, event_id)) AS first_medium,
    argMin(campaign, (timestamp, event_id)) AS first_campaign,
    argMin(channel, (timestamp, event_id)) AS first_channel,
    argMin(source_confidence, (timestamp, event_id)) AS first_confidence,
    argMin(source_rule_id, (timestamp, event_id)) AS first_rule_id
FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})
WHERE anonymous_id = {anonymous_id:String}
GROUP BY owner
ORDER BY max(timestamp) DESC, owner
LIMIT {limit:UInt32}
