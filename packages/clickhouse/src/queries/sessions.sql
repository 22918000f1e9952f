-- Sessions that began in the range, newest first.
SELECT
    session_id, anonymous_id, user_id, started_at, ended_at, duration_s, events, pageviews, source, medium, campaign, channel,
    entry_path, exit_path, is_bounce
FROM sessions(
    project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
    with_paths = 1, devices = {devices:Array(String)},
    from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')})
WHERE (started_at, session_id) < ({before_started_at:DateTime64(3, 'UTC')}, {before_id:String})
    AND ({user_id:String} = '' OR user_id = {user_id:String})
    AND (empty({source:Array(String)}) OR source IN {source:Array(String)})
    AND (empty({medium:Array(String)}) OR medium IN {medium:Array(String)})
    AND (empty({channel:Array(String)}) OR channel IN {channel:Array(String)})
    AND (empty({campaign:Array(String)}) OR campaign IN {campaign:Array(String)})
ORDER BY started_at DESC, session_id DESC
LIMIT {limit:UInt32}
