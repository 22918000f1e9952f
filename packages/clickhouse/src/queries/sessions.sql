-- Sessions that began in the range. A session is a run of one visitor's events with no gap over 30 minutes; events that carry a
-- session_id of the client's are one session under it, and an event without one goes with the event before it.
-- A visitor with any event in the range is read whole: a session may have begun before the range or end after it, and late or
-- backfilled events may join two runs.
WITH
    active AS
    (
        SELECT DISTINCT anonymous_id, server_user_id
        FROM events_v1
        WHERE project_id = {project_id:String} AND env = {env:String}
            AND timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}
            AND ({anonymous_id:String} = '' OR anonymous_id = {anonymous_id:String})
    ),
    visited AS
    (
        SELECT
            *,
            lagInFrame(toNullable(timestamp)) OVER visitor AS previous,
            -- What begins a session; NULL goes on with the last one that began.
            multiIf(
                session_id != '', concat('client ', session_id),
                previous IS NULL OR timestamp > previous + toIntervalMinute(30), concat('run ', event_id),
                NULL
            ) AS beginning
        FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})
        WHERE (anonymous_id, server_user_id) IN (SELECT anonymous_id, server_user_id FROM active)
            AND (is_bot = 0 OR {include_bots:Bool})
        WINDOW visitor AS (PARTITION BY anonymous_id, server_user_id ORDER BY timestamp, event_id)
    ),
    run AS
    (
        SELECT *, anyLast(beginning) OVER (PARTITION BY anonymous_id, server_user_id ORDER BY timestamp, event_id) AS session
        FROM visited
    )
SELECT
    if(startsWith(assumeNotNull(session), 'client '), substring(assumeNotNull(session), 8),
        concat('s_', lower(hex(sipHash64(session, anonymous_id, server_user_id))))) AS id,
    anonymous_id,
    argMax(owner, (timestamp, event_id)) AS last_owner,
    min(timestamp) AS started_at,
    max(timestamp) AS ended_at,
    dateDiff('second', started_at, ended_at) AS duration_s,
    count() AS events,
    countIf(event_name = '$pageview') AS pageviews,
    countIf(source != 'internal') > 0 AS has_source,
    argMinIf((source, medium, campaign, channel), (timestamp, event_id), source != 'internal') AS entry,
    if(has_source, entry.1, 'direct') AS entry_source,
    if(has_source, entry.2, 'direct') AS entry_medium,
    if(has_source, entry.3, '') AS entry_campaign,
    if(has_source, entry.4, 'Direct') AS entry_channel,
    argMinIf(path, (timestamp, event_id), path != '') AS entry_path,
    argMaxIf(path, (timestamp, event_id), path != '') AS exit_path,
    pageviews <= 1 AND countIf(event_name NOT IN ('$pageview', '$identify')) = 0 AS is_bounce
FROM run
GROUP BY session, anonymous_id, server_user_id
HAVING started_at >= {from:DateTime64(3, 'UTC')} AND started_at < {to:DateTime64(3, 'UTC')}
    AND (started_at, id) < ({before_started_at:DateTime64(3, 'UTC')}, {before_id:String})
    AND ({user_id:String} = '' OR last_owner = {user_id:String})
    AND (empty({source:Array(String)}) OR entry_source IN {source:Array(String)})
    AND (empty({medium:Array(String)}) OR entry_medium IN {medium:Array(String)})
    AND (empty({channel:Array(String)}) OR entry_channel IN {channel:Array(String)})
    AND (empty({campaign:Array(String)}) OR entry_campaign IN {campaign:Array(String)})
ORDER BY started_at DESC, id DESC
LIMIT {limit:UInt32}
