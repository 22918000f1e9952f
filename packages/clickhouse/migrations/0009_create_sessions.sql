-- Sessions, and what they are cut from: each visitor's events in order, as one array, with their owners.
--
--   SELECT * FROM sessions(project_id = '…', env = 'live', stitch = 'time_sliced', include_bots = 0, with_paths = 1,
--                          from = '2026-03-01', to = '2026-04-01', devices = [])
--   SELECT * FROM touchpoints(project_id = '…', env = 'live', stitch = 'time_sliced', include_bots = 0,
--                             from = '2026-03-01', to = '2026-04-01', devices = [])
--
-- A session is a run of one visitor's events with no gap over 30 minutes; events that carry a session_id of the client's are one
-- session under it, and an event without one goes with the event before it. A visitor with any event in the range is read whole: a
-- session may have begun before the range or end after it, late events may join two runs, and whose an event is depends on links of any
-- time. devices narrows the visitors, [] is all of them; with_paths = 0 leaves paths empty, which halves the cost;
-- conversions names the events whose properties are kept.
--
-- A touchpoint is the entry of a person's session: the first arrival in the person's part of it. What is internal all through has
-- none: the person was here already, or came back from a payment. Nor has what a server sends without a visitor, unless it names a
-- source. Of a session that two users share, each has the own part: nobody gets the other's ad.
--
-- Why arrays: rows lie in the order of the visitors (optimize_aggregation_in_order), so a visitor is done with when its last row has
-- been read, and memory holds a few of them, not a project. Window functions sorted all of them: 2 GB were not enough for 20 M events.
-- No lambda below uses an array from outside: it would be copied for every element.
-- Cost: metadata only.
CREATE VIEW IF NOT EXISTS visitor_paths AS
WITH
    visitors AS
    (
        SELECT
            anonymous_id,
            server_user_id,
            -- In order of time, then of the event's id.
            arraySort(groupArray(CAST(
                (
                    timestamp,
                    id_order,
                    ifNull(events_v1.user_id, ''),
                    events_v1.user_id IS NOT NULL AND anonymous_id != '' AND (anonymous_id, assumeNotNull(events_v1.user_id)) NOT IN
                        (SELECT anonymous_id, user_id FROM void_links WHERE project_id = {project_id:String} AND env = {env:String}),
                    session_id,
                    multiIf(event_name = '$pageview', 1, event_name = '$identify', 2, 0),
                    if(source = 'internal', 0, source_hash),
                    source != 'internal' AND (anonymous_id != '' OR source != 'direct'),
                    if({with_paths:Bool}, path, ''),
                    event_name IN {conversions:Array(String)} AS is_conversion,
                    if(is_conversion, properties, ''),
                    is_bot AND NOT {include_bots:Bool}
                ),
                'Tuple(at DateTime64(3, \'UTC\'), id Tuple(String, Int64, UInt16, UInt64), user String, is_link Bool, session_id String,
                    kind UInt8, source UInt64, is_arrival Bool, path String, is_conversion Bool, properties String, skip Bool)'
            ))) AS all_events,
            arrayMap(event -> toUnixTimestamp64Milli(event.at), all_events) AS all_times,
            arrayMap(event -> if(event.is_link, event.user, ''), all_events) AS links,
            arrayDistinct(arrayFilter(user -> user != '', links)) AS users
        FROM events_v1
        WHERE project_id = {project_id:String} AND env = {env:String}
            AND (empty({devices:Array(String)}) OR anonymous_id IN {devices:Array(String)})
            AND (is_bot = 0 OR {include_bots:Bool} OR events_v1.user_id IS NOT NULL)
            AND cityHash64(anonymous_id, server_user_id) IN
            (
                SELECT cityHash64(anonymous_id, server_user_id)
                FROM events_v1
                WHERE project_id = {project_id:String} AND env = {env:String}
                    AND (empty({devices:Array(String)}) OR anonymous_id IN {devices:Array(String)})
                    AND timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}
            )
            AND ((SELECT count() FROM hidden_events_v1 WHERE project_id = {project_id:String}) = 0
                OR event_id NOT IN (SELECT event_id FROM hidden_events_v1 WHERE project_id = {project_id:String}))
        GROUP BY project_id, env, anonymous_id, server_user_id
    ),
    stitched AS
    (
        SELECT
            anonymous_id,
            server_user_id,
            users,
            -- On a visitor of several users: at one instant what has no user comes first, then users by name.
            arraySort(if(length(users) < 2, [], arrayZip(all_times, links, arrayEnumerate(links)))) AS by_time,
            -- Whose each event is if it does not say so itself, as in stitched_events.
            multiIf(
                length(users) < 2, arrayWithConstant(length(all_events), users[1]),
                {stitch:String} = 'first_owner', arrayWithConstant(length(all_events), arrayFirst(slot -> slot.2 != '', by_time).2),
                arrayMap(slot -> slot.2, arraySort(arrayZip(
                    by_time.3,
                    arrayFill(user -> user != '', arrayReverseFill(user -> user != '', by_time.2))
                )))
            ) AS slices,
            arrayFilter(
                slot -> NOT slot.1.skip,
                arrayZip(all_events, arrayMap((event, user) -> if(event.user != '', event.user, user), all_events, slices))
            ) AS kept,
            arrayMap(slot -> slot.1, kept) AS events,
            arrayMap(slot -> slot.2, kept) AS owners,
            arrayMap(event -> toUnixTimestamp64Milli(event.at), events) AS times,
            -- What the session of each event began with.
            arrayFill(
                (key, event, at, before) -> event.session_id != '' OR at - before > 1800000,
                arrayMap(
                    event -> if(event.session_id = '', ('', event.at, event.id), (event.session_id, toDateTime64(0, 3, 'UTC'), ('', 0, 0, 0))),
                    events
                ),
                events, times, arrayPushFront(arrayPopBack(times), -9000000000000)
            ) AS keys
        FROM visitors
    )
SELECT
    anonymous_id,
    server_user_id,
    if(
        {stitch:String} = 'all_devices',
        arrayFlatten(arrayMap(
            slot -> arrayMap(user -> (slot.1, user, slot.3), multiIf(slot.3.user != '', [slot.3.user], empty(users), [''], users)),
            arrayZip(keys, owners, events)
        )),
        arrayZip(keys, owners, events)
    ) AS slots
FROM stitched;

-- Every session of these visitors, with all that happened in it.
CREATE VIEW IF NOT EXISTS visitor_sessions AS
WITH cut AS
(
    SELECT
        anonymous_id,
        server_user_id,
        arrayEnumerateDense(slots.1) AS numbers,
        arraySort(numbers) AS in_order,
        arrayJoin(arraySplit(
            (slot, number, before) -> number != before,
            arraySort(arrayZip(numbers, arrayEnumerate(numbers), slots)), in_order, arrayPushFront(arrayPopBack(in_order), 0)
        )) AS part
    FROM visitor_paths(
        project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
        with_paths = {with_paths:Bool}, conversions = {conversions:Array(String)},
        from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}, devices = {devices:Array(String)})
)
SELECT
    anonymous_id,
    server_user_id,
    part[1].3.1 AS session,
    -- What nobody owns takes a session from nobody.
    nullIf(arrayLast(user -> user != '', arrayMap(slot -> slot.3.2, part)), '') AS last_owner,
    arrayMap(slot -> slot.3.3, part) AS happened,
    part[1].3.3.at AS started_at
FROM cut;

-- Sessions that began in the range. stitch = 'all_devices' is not for them: it would count one for each owner.
CREATE VIEW IF NOT EXISTS sessions AS
SELECT
    {project_id:String} AS project_id,
    if(session.1 != '', session.1, concat('s_', lower(hex(sipHash64(session, anonymous_id, server_user_id))))) AS session_id,
    anonymous_id,
    last_owner AS user_id,
    started_at,
    happened[-1].at AS ended_at,
    dateDiff('second', started_at, ended_at) AS duration_s,
    length(happened) AS events,
    countEqual(happened.kind, 1) AS pageviews,
    -- Nothing but internal events: the visitor was here already, by a way that nobody saw.
    if(named.hash = 0, 'direct', named.source) AS source,
    if(named.hash = 0, 'direct', named.medium) AS medium,
    named.campaign AS campaign,
    if(named.hash = 0, 'Direct', named.channel) AS channel,
    arrayFirst(path -> path != '', happened.path) AS entry_path,
    arrayLast(path -> path != '', happened.path) AS exit_path,
    toBool(pageviews <= 1 AND countEqual(happened.kind, 0) = 0) AS is_bounce
FROM
(
    SELECT *, arrayFirst(source -> source != 0, happened.source) AS entry
    FROM visitor_sessions(
        project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
        with_paths = {with_paths:Bool}, conversions = [],
        from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}, devices = {devices:Array(String)})
    WHERE started_at >= {from:DateTime64(3, 'UTC')} AND started_at < {to:DateTime64(3, 'UTC')}
) AS begun
ANY LEFT JOIN
(
    SELECT hash, source, medium, campaign, channel FROM named_sources WHERE project_id = {project_id:String} AND env = {env:String}
) AS named ON begun.entry = named.hash;

-- Every person's part of every session of these visitors. person is the owner, or the visitor while nobody knows who it is.
CREATE VIEW IF NOT EXISTS session_parts AS
WITH cut AS
(
    SELECT
        anonymous_id,
        server_user_id,
        arrayEnumerateDense(slots.1, slots.2) AS numbers,
        arraySort(numbers) AS in_order,
        arrayJoin(arraySplit(
            (slot, number, before) -> number != before,
            arraySort(arrayZip(numbers, arrayEnumerate(numbers), slots)), in_order, arrayPushFront(arrayPopBack(in_order), 0)
        )) AS part
    FROM visitor_paths(
        project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
        with_paths = 0, conversions = {conversions:Array(String)},
        from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}, devices = {devices:Array(String)})
)
SELECT
    anonymous_id,
    server_user_id,
    part[1].3.1 AS session,
    nullIf(part[1].3.2, '') AS owner,
    if(owner IS NULL, concat('visitor ', anonymous_id), concat('user ', assumeNotNull(owner))) AS person,
    arrayMap(slot -> slot.3.3, part) AS happened,
    arrayFirst(event -> event.is_arrival, happened) AS arrival
FROM cut;

CREATE VIEW IF NOT EXISTS touchpoints AS
SELECT
    person,
    owner AS user_id,
    anonymous_id,
    server_user_id,
    session,
    arrival.at AS touched_at,
    named.source AS source,
    named.medium AS medium,
    named.campaign AS campaign,
    named.channel AS channel
FROM
(
    SELECT *, arrival.source AS entry
    FROM session_parts(
        project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
        conversions = [],
        from = {from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}, devices = {devices:Array(String)})
    WHERE arrival.is_arrival AND arrival.at >= {from:DateTime64(3, 'UTC')} AND arrival.at < {to:DateTime64(3, 'UTC')}
) AS touched
ANY LEFT JOIN
(
    SELECT hash, source, medium, campaign, channel FROM named_sources WHERE project_id = {project_id:String} AND env = {env:String}
) AS named ON touched.entry = named.hash;
