-- The sessions of a range event by event, and the touchpoints of people: what sessions, sources and attribution have in common.
--
--   SELECT * FROM session_events(project_id = '…', env = 'live', stitch = 'time_sliced', include_bots = 0,
--                                from = '2026-03-01', to = '2026-04-01', devices = [])
--
-- Every event of every visitor with an event in the range, with the session it is in (see sessions); devices narrows the visitors,
-- [] is all of them. A session may have begun before the range or end after it: choose by session_started_at. person is the owner,
-- or the visitor while nobody knows who it is.
--
-- A touchpoint is the entry of a person's session: the first arrival in the person's part of it. What is internal all through has
-- none: the person was here already, or came back from a payment. Nor has what a server sends without a visitor, unless it names a
-- source. Of a session that two users share, each has the own part: nobody gets the other's ad.
-- Cost: metadata only.
CREATE VIEW IF NOT EXISTS session_events AS
WITH
    active AS
    (
        SELECT DISTINCT anonymous_id, server_user_id
        FROM events_v1
        WHERE project_id = {project_id:String} AND env = {env:String}
            AND timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}
            AND (empty({devices:Array(String)}) OR anonymous_id IN {devices:Array(String)})
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
        SELECT
            *,
            assumeNotNull(anyLast(beginning) OVER (PARTITION BY anonymous_id, server_user_id ORDER BY timestamp, event_id)) AS session
        FROM visited
    )
SELECT
    session, anonymous_id, server_user_id, event_id, timestamp, event_name, user_id, owner,
    if(owner IS NULL, concat('visitor ', anonymous_id), concat('user ', assumeNotNull(owner))) AS person,
    source, medium, campaign, channel, path, properties,
    source != 'internal' AND (anonymous_id != '' OR source != 'direct') AS is_arrival
FROM run;

CREATE VIEW IF NOT EXISTS touchpoints AS
SELECT
    person,
    any(owner) AS user_id,
    anonymous_id,
    server_user_id,
    session,
    min(timestamp) AS touched_at,
    argMin(source, (timestamp, event_id)) AS source,
    argMin(medium, (timestamp, event_id)) AS medium,
    argMin(campaign, (timestamp, event_id)) AS campaign,
    argMin(channel, (timestamp, event_id)) AS channel
FROM session_events(
    project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
    from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}, devices = {devices:Array(String)}) AS event
WHERE is_arrival
GROUP BY person, anonymous_id, server_user_id, session
HAVING touched_at >= {from:DateTime64(3, 'UTC')} AND touched_at < {to:DateTime64(3, 'UTC')};

-- The same sessions as before, grouped from session_events; visitor needs devices = [visitor] no more.
CREATE OR REPLACE VIEW sessions AS
WITH grouped AS
(
    SELECT
        session,
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
    FROM session_events(
        project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
        from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}, devices = {devices:Array(String)})
    WHERE {visitor:String} = '' OR anonymous_id = {visitor:String}
    GROUP BY session, anonymous_id, server_user_id
    HAVING started_at >= {from:DateTime64(3, 'UTC')} AND started_at < {to:DateTime64(3, 'UTC')}
)
SELECT
    {project_id:String} AS project_id,
    if(startsWith(session, 'client '), substring(session, 8), concat('s_', lower(hex(sipHash64(session, anonymous_id, server_user_id)))))
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
