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
            arrayFirst(source -> source != 0, happened.source) AS entry,
            started_at >= {from:DateTime64(3, 'UTC')} AND started_at < {to:DateTime64(3, 'UTC')} AS began,
            arrayCount(
                event -> event.is_conversion AND event.at >= {from:DateTime64(3, 'UTC')} AND event.at < {to:DateTime64(3, 'UTC')}, happened
            ) AS conversions
        FROM visitor_sessions(
            project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
            with_paths = 0, conversions = {conversions:Array(String)},
            from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}, devices = [])
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
        if(named.hash = 0, 'direct', named.source) AS source,
        if({breakdown:String} = 'source_medium', if(named.hash = 0, 'direct', named.medium), '') AS medium,
        0 AS events, 0 AS paid, 0 AS uniques,
        sum(began) AS sessions,
        sum(visited.conversions) AS conversions
    FROM (SELECT entry, sum(began) AS began, sum(conversions) AS conversions FROM visited GROUP BY entry) AS visited
    ANY LEFT JOIN
    (
        SELECT hash, source, medium FROM named_sources WHERE project_id = {project_id:String} AND env = {env:String}
    ) AS named ON visited.entry = named.hash
    GROUP BY source, medium
    HAVING sessions > 0 OR conversions > 0
)
GROUP BY source, medium
HAVING (-toInt64(events), source, medium) > (-toInt64({after_events:UInt64}), {after_source:String}, {after_medium:String})
ORDER BY events DESC, source, medium
LIMIT {limit:UInt32}
