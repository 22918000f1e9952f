-- Where these users last came from.
SELECT
    assumeNotNull(user_id) AS user_id,
    argMax((source, medium, campaign, channel), (touched_at, session)) AS touch,
    max(touched_at) AS at
FROM touchpoints(
    project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
    from = toDateTime64(0, 3, 'UTC'), to = {to:DateTime64(3, 'UTC')}, devices = {devices:Array(String)}) AS touchpoint
WHERE touchpoint.user_id IN {user_ids:Array(String)} AND (anonymous_id != '' OR server_user_id IN {user_ids:Array(String)})
GROUP BY touchpoint.user_id
