-- The latest value of each trait of these users, and the url it came with.
SELECT
    assumeNotNull(identify.user_id) AS user_id,
    trait.1 AS name,
    argMax(trait.2, (timestamp, event_id)) AS value,
    argMax(url, (timestamp, event_id)) AS url
FROM
(
    SELECT user_id, timestamp, event_id, url, properties
    FROM events_v1
    WHERE project_id = {project_id:String} AND env = {env:String}
        AND (empty({devices:Array(String)}) OR anonymous_id IN {devices:Array(String)}) AND (anonymous_id != '' OR server_user_id IN {user_ids:Array(String)})
        AND events_v1.user_id IN {user_ids:Array(String)} AND event_name = '$identify'
        AND timestamp < {to:DateTime64(3, 'UTC')} AND (is_bot = 0 OR {include_bots:Bool})
        AND event_id NOT IN (SELECT event_id FROM hidden_events_v1 WHERE project_id = {project_id:String})
) AS identify
ARRAY JOIN JSONExtractKeysAndValuesRaw(properties) AS trait
GROUP BY identify.user_id, name
ORDER BY user_id, name
