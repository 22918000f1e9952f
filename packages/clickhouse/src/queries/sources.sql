-- Events, people, sessions and conversions by source. Events and people go by each event's own source; sessions, and the conversions
-- in them, by the source that the session came from.
WITH
    happened AS
    (
        SELECT
            source,
            if({breakdown:String} = 'source_medium', medium, '') AS medium,
            count() AS events,
            countIf(event.medium = 'paid') AS paid,
            uniqExact(if(owner IS NULL, ('visitor', anonymous_id), ('user', assumeNotNull(owner)))) AS uniques,
            0 AS sessions,
            0 AS conversions
        FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = []) AS event
        WHERE timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}
            AND (is_bot = 0 OR {include_bots:Bool})
        GROUP BY source, medium
    ),
    -- Sessions that began in the range, and conversions in it, though their session may have begun before.
    visited AS
    (
        SELECT
            argMinIf((source, medium), (timestamp, event_id), source != 'internal') AS entry,
            min(timestamp) >= {from:DateTime64(3, 'UTC')} AND min(timestamp) < {to:DateTime64(3, 'UTC')} AS began,
            countIf(event_name IN {conversions:Array(String)}
                AND timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}) AS conversions
        FROM session_events(
            project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
            from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}, devices = [])
        GROUP BY session, anonymous_id, server_user_id
    )
SELECT
    source,
    medium,
    sum(events) AS events,
    sum(uniques) AS uniques,
    sum(sessions) AS sessions,
    sum(conversions) AS conversions,
    if(events = 0, 0, sum(paid) / events) AS paid_share
FROM
(
    SELECT source, medium, events, paid, uniques, sessions, conversions FROM happened
    UNION ALL
    SELECT
        if(entry.1 = '', 'direct', entry.1) AS source,
        if({breakdown:String} = 'source_medium', if(entry.1 = '', 'direct', entry.2), '') AS medium,
        0 AS events, 0 AS paid, 0 AS uniques,
        countIf(began) AS sessions,
        sum(conversions) AS conversions
    FROM visited
    GROUP BY source, medium
    HAVING sessions > 0 OR conversions > 0
)
GROUP BY source, medium
HAVING (-toInt64(events), source, medium) > (-toInt64({after_events:UInt64}), {after_source:String}, {after_medium:String})
ORDER BY events DESC, source, medium
LIMIT {limit:UInt32}
