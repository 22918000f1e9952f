-- Sessions that began in a range: the rule of a session, in one place for every read.
--
--   SELECT * FROM sessions(project_id = '…', env = 'live', stitch = 'time_sliced', include_bots = 0, visitor = '',
--                          from = '2026-03-01', to = '2026-04-01', devices = [])
--
-- A session is a run of one visitor's events with no gap over 30 minutes; events that carry a session_id of the client's are one
-- session under it, and an event without one goes with the event before it. source, medium, campaign and channel are those of
-- the first event that is not `internal`. visitor, with devices = [visitor]: only that one's; '' is all.
--
-- A visitor with any event in the range is read whole: a session may have begun before the range or end after it, and late or
-- backfilled events may join two runs. stitch = 'all_devices' would count a session once for each owner.
-- Cost: metadata only.
CREATE VIEW IF NOT EXISTS sessions AS
WITH
    active AS
    (
        SELECT DISTINCT anonymous_id, server_user_id
        FROM events_v1
        WHERE project_id = {project_id:String} AND env = {env:String}
            AND timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}
            AND ({visitor:String} = '' OR anonymous_id = {visitor:String})
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
    ),
    grouped AS
    (
        SELECT
            assumeNotNull(session) AS key,
            anonymous_id,
            server_user_id,
            argMax(owner, (timestamp, event_id)) AS last_owner,
            min(timestamp) AS started_at,
            max(timestamp) AS ended_at,
            count() AS events,
            countIf(event_name = '$pageview') AS pageviews,
            countIf(event_name NOT IN ('$pageview', '$identify')) AS actions,
            argMinIf((source, medium, campaign, channel), (timestamp, event_id), source != 'internal') AS entry,
            argMinIf(path, (timestamp, event_id), path != '') AS entry_path,
            argMaxIf(path, (timestamp, event_id), path != '') AS exit_path
        FROM run
        GROUP BY session, anonymous_id, server_user_id
        HAVING started_at >= {from:DateTime64(3, 'UTC')} AND started_at < {to:DateTime64(3, 'UTC')}
    )
SELECT
    {project_id:String} AS project_id,
    if(startsWith(key, 'client '), substring(key, 8), concat('s_', lower(hex(sipHash64(key, anonymous_id, server_user_id)))))
        AS session_id,
    anonymous_id,
    last_owner AS user_id,
    started_at,
    ended_at,
    dateDiff('second', started_at, ended_at) AS duration_s,
    events,
    pageviews,
    -- Nothing but internal events: the visitor was here already, by a way that nobody saw.
    if(entry.1 = '', 'direct', entry.1) AS source,
    if(entry.1 = '', 'direct', entry.2) AS medium,
    entry.3 AS campaign,
    if(entry.1 = '', 'Direct', entry.4) AS channel,
    entry_path,
    exit_path,
    toBool(pageviews <= 1 AND actions = 0) AS is_bounce
FROM grouped;
