-- First touch of all users without a scan of events.
--
--   SELECT user_id, first_seen_at, source, medium, campaign, channel
--   FROM first_touches_first_owner(project_id = '…', env = 'live', include_bots = 0)
--
-- One row for every user: the first event that the stitch gives to the user. first_touches_all_devices, first_touches_first_owner and
-- first_touches_in_time (time_sliced) know a rule each; first_touches_event_by_event (with devices, as in stitched_events) knows all three,
-- and is what the others must agree with. These read projections and do not know hidden_events_v1: while a project has any, ask event by
-- event. They are as many because planning a view costs time, too, and each does without what the others need.
-- Of events at the same instant one that names a source comes before `direct` and `internal`, then the smaller hash of (source, medium,
-- campaign, channel) decides: never arrival order.
--
-- The projection `touches` keeps one number for every (visitor, user): instant, unnamed or not, hash of the source; the smallest is the
-- first touch. Being a projection, written in the same part as its rows and rebuilt when rows are deleted or classified anew, it is exact
-- under late, shuffled and deleted events; a table beside events_v1 could not follow deletes. States of tuples or strings with
-- (timestamp, event_id) cost 4 to 20 times as much time to read. The visitor is a 64-bit hash: with 100 M visitors, 8 M of them known, a
-- first touch goes to the wrong user once in 25,000 such projects.
--
-- By time_sliced, what nobody was signed in for on a visitor of several users is read event by event.
-- Cost: metadata only.

-- Whose first touches a project knows: one row for every user on every visitor, twice when some of it was a bot.
CREATE VIEW IF NOT EXISTS known_touches AS
SELECT
    assumeNotNull(events_v1.user_id) AS owner,
    visitor,
    is_bot,
    min(touch) AS first,
    visitor != cityHash64('') AND (visitor, owner) NOT IN
        (SELECT cityHash64(anonymous_id), user_id FROM void_links WHERE project_id = {project_id:String} AND env = {env:String}) AS linked
FROM events_v1
WHERE project_id = {project_id:String} AND env = {env:String} AND NOT (events_v1.user_id IS NULL)
GROUP BY events_v1.user_id, visitor, is_bot;

-- What these visitors did before, between and after.
CREATE VIEW IF NOT EXISTS anonymous_touches AS
SELECT visitor, min(touch) AS first
FROM events_v1
WHERE project_id = {project_id:String} AND env = {env:String} AND events_v1.user_id IS NULL
    AND (is_bot = 0 OR {include_bots:Bool})
    AND visitor IN
    (
        SELECT visitor
        FROM events_v1
        WHERE project_id = {project_id:String} AND env = {env:String} AND NOT (events_v1.user_id IS NULL)
        GROUP BY events_v1.user_id, visitor
    )
GROUP BY visitor;

CREATE VIEW IF NOT EXISTS first_touches_all_devices AS
SELECT
    touch.owner AS user_id,
    fromUnixTimestamp64Milli(toInt64(bitShiftRight(touch.first, 65)) - 2208988800000, 'UTC') AS first_seen_at,
    named.source AS source,
    named.medium AS medium,
    named.campaign AS campaign,
    named.channel AS channel
FROM
(
    SELECT
        known.owner AS owner,
        min(least(
            if(known.is_bot AND NOT {include_bots:Bool}, bitNot(toUInt128(0)), known.first),
            if(known.linked AND anonymous.first != 0, anonymous.first, bitNot(toUInt128(0)))
        )) AS first
    FROM known_touches(project_id = {project_id:String}, env = {env:String}) AS known
    ANY LEFT JOIN anonymous_touches(project_id = {project_id:String}, env = {env:String}, include_bots = {include_bots:Bool}) AS anonymous
        ON known.visitor = anonymous.visitor
    GROUP BY known.owner
    HAVING first != bitNot(toUInt128(0))
) AS touch
ANY LEFT JOIN
(
    SELECT hash, source, medium, campaign, channel FROM named_sources WHERE project_id = {project_id:String} AND env = {env:String}
) AS named ON named.hash = toUInt64(touch.first);

CREATE VIEW IF NOT EXISTS first_touches_first_owner AS
SELECT
    touch.owner AS user_id,
    fromUnixTimestamp64Milli(toInt64(bitShiftRight(touch.first, 65)) - 2208988800000, 'UTC') AS first_seen_at,
    named.source AS source,
    named.medium AS medium,
    named.campaign AS campaign,
    named.channel AS channel
FROM
(
    SELECT
        known.owner AS owner,
        min(least(
            if(known.is_bot AND NOT {include_bots:Bool}, bitNot(toUInt128(0)), known.first),
            if(known.linked AND anonymous.first != 0 AND shared.first_user IN ('', known.owner), anonymous.first, bitNot(toUInt128(0)))
        )) AS first
    FROM known_touches(project_id = {project_id:String}, env = {env:String}) AS known
    ANY LEFT JOIN anonymous_touches(project_id = {project_id:String}, env = {env:String}, include_bots = {include_bots:Bool}) AS anonymous
        ON known.visitor = anonymous.visitor
    ANY LEFT JOIN
    (
        SELECT visitor, argMin(owner, (bitShiftRight(first, 65), owner)) AS first_user
        FROM known_touches(project_id = {project_id:String}, env = {env:String})
        WHERE linked
        GROUP BY visitor
        HAVING uniqExact(owner) > 1
    ) AS shared ON known.visitor = shared.visitor
    GROUP BY known.owner
    HAVING first != bitNot(toUInt128(0))
) AS touch
ANY LEFT JOIN
(
    SELECT hash, source, medium, campaign, channel FROM named_sources WHERE project_id = {project_id:String} AND env = {env:String}
) AS named ON named.hash = toUInt64(touch.first);

CREATE VIEW IF NOT EXISTS first_touches_in_time AS
WITH
    shared AS
    (
        SELECT anonymous_id
        FROM links
        WHERE project_id = {project_id:String} AND env = {env:String}
        GROUP BY anonymous_id
        HAVING uniqExact(user_id) > 1
    ),
    -- What happened on shared visitors at each instant; a withdrawn link is none.
    instants AS
    (
        SELECT
            anonymous_id,
            timestamp,
            min(linked) AS first_user,
            max(linked) AS last_user,
            minIf(touch, anonymous AND (is_bot = 0 OR {include_bots:Bool})) AS touch
        FROM
        (
            SELECT
                anonymous_id,
                timestamp,
                is_bot,
                touch,
                events_v1.user_id IS NULL AS anonymous,
                if((anonymous_id, events_v1.user_id) IN
                (
                    SELECT anonymous_id, toNullable(user_id)
                    FROM void_links
                    WHERE project_id = {project_id:String} AND env = {env:String}
                ), NULL, events_v1.user_id) AS linked
            FROM events_v1
            WHERE project_id = {project_id:String} AND env = {env:String}
                AND anonymous_id IN (SELECT anonymous_id FROM shared)
        )
        GROUP BY anonymous_id, timestamp
    )
SELECT
    touch.owner AS user_id,
    fromUnixTimestamp64Milli(toInt64(bitShiftRight(touch.first, 65)) - 2208988800000, 'UTC') AS first_seen_at,
    named.source AS source,
    named.medium AS medium,
    named.campaign AS campaign,
    named.channel AS channel
FROM
(
    SELECT owner, min(first) AS first
    FROM
    (
        SELECT
            known.owner AS owner,
            least(
                if(known.is_bot AND NOT {include_bots:Bool}, bitNot(toUInt128(0)), known.first),
                if(known.linked AND anonymous.first != 0 AND shared_visitor.hash = 0, anonymous.first, bitNot(toUInt128(0)))
            ) AS first
        FROM known_touches(project_id = {project_id:String}, env = {env:String}) AS known
        ANY LEFT JOIN anonymous_touches(project_id = {project_id:String}, env = {env:String}, include_bots = {include_bots:Bool}) AS anonymous
            ON known.visitor = anonymous.visitor
        ANY LEFT JOIN (SELECT cityHash64(anonymous_id) AS hash FROM shared) AS shared_visitor ON known.visitor = shared_visitor.hash
        UNION ALL
        SELECT
            assumeNotNull(ifNull(
                anyLast(first_user) OVER (PARTITION BY anonymous_id ORDER BY timestamp DESC ROWS UNBOUNDED PRECEDING),
                anyLast(last_user) OVER (PARTITION BY anonymous_id ORDER BY timestamp ROWS UNBOUNDED PRECEDING)
            )) AS owner,
            if(touch = 0, bitNot(toUInt128(0)), touch) AS first
        FROM instants
    )
    GROUP BY owner
    HAVING first != bitNot(toUInt128(0))
) AS touch
ANY LEFT JOIN
(
    SELECT hash, source, medium, campaign, channel FROM named_sources WHERE project_id = {project_id:String} AND env = {env:String}
) AS named ON named.hash = toUInt64(touch.first);

CREATE VIEW IF NOT EXISTS first_touches_event_by_event AS
SELECT user_id, first_seen_at, touch.1 AS source, touch.2 AS medium, touch.3 AS campaign, touch.4 AS channel
FROM
(
    SELECT
        assumeNotNull(event.owner) AS user_id,
        min(timestamp) AS first_seen_at,
        argMin(
            (source, medium, campaign, channel),
            (timestamp, source IN ('direct', 'internal'), cityHash64(source, medium, campaign, channel))
        ) AS touch
    FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)}) AS event
    WHERE event.owner IS NOT NULL AND (is_bot = 0 OR {include_bots:Bool})
    GROUP BY event.owner
);
