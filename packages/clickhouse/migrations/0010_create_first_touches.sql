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

-- What users did themselves: a touch for every user on every visitor, or several.
CREATE VIEW IF NOT EXISTS known_touches AS
SELECT
    assumeNotNull(user_id) AS owner,
    visitor,
    is_bot,
    touch,
    visitor != cityHash64('') AND (visitor, owner) NOT IN
        (SELECT cityHash64(anonymous_id), user_id FROM void_links WHERE project_id = {project_id:String} AND env = {env:String}) AS linked
FROM stored_touches
WHERE project_id = {project_id:String} AND env = {env:String} AND NOT is_anonymous;

-- With it, what happened on their visitors while nobody was signed in, by a rule each: whose that is follows from the visitor alone, so
-- every shard answers for its own.
CREATE VIEW IF NOT EXISTS touches_all_devices AS
SELECT owner, touch
FROM known_touches(project_id = {project_id:String}, env = {env:String})
WHERE is_bot = 0 OR {include_bots:Bool}
UNION ALL
SELECT linked.owner, anonymous.touch
FROM stored_touches AS anonymous
INNER JOIN
(
    SELECT owner, visitor
    FROM known_touches(project_id = {project_id:String}, env = {env:String})
    WHERE linked
) AS linked ON anonymous.visitor = linked.visitor
WHERE anonymous.project_id = {project_id:String} AND anonymous.env = {env:String} AND anonymous.is_anonymous
    AND (anonymous.is_bot = 0 OR {include_bots:Bool});

CREATE VIEW IF NOT EXISTS touches_first_owner AS
SELECT owner, touch
FROM known_touches(project_id = {project_id:String}, env = {env:String})
WHERE is_bot = 0 OR {include_bots:Bool}
UNION ALL
SELECT linked.owner, anonymous.touch
FROM stored_touches AS anonymous
INNER JOIN
(
    SELECT visitor, argMin(known.owner, (bitShiftRight(known.touch, 65), known.owner)) AS owner
    FROM known_touches(project_id = {project_id:String}, env = {env:String}) AS known
    WHERE linked
    GROUP BY visitor
) AS linked ON anonymous.visitor = linked.visitor
WHERE anonymous.project_id = {project_id:String} AND anonymous.env = {env:String} AND anonymous.is_anonymous
    AND (anonymous.is_bot = 0 OR {include_bots:Bool});

-- Of visitors of one user; those of several are read event by event.
CREATE VIEW IF NOT EXISTS touches_unshared AS
SELECT owner, touch
FROM known_touches(project_id = {project_id:String}, env = {env:String})
WHERE is_bot = 0 OR {include_bots:Bool}
UNION ALL
SELECT linked.owner, anonymous.touch
FROM stored_touches AS anonymous
INNER JOIN
(
    SELECT visitor, any(known.owner) AS owner
    FROM known_touches(project_id = {project_id:String}, env = {env:String}) AS known
    WHERE linked
    GROUP BY visitor
    HAVING uniqExact(known.owner) = 1
) AS linked ON anonymous.visitor = linked.visitor
WHERE anonymous.project_id = {project_id:String} AND anonymous.env = {env:String} AND anonymous.is_anonymous
    AND (anonymous.is_bot = 0 OR {include_bots:Bool});

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
    SELECT owner, min(touch) AS first
    FROM touches_all_devices(project_id = {project_id:String}, env = {env:String}, include_bots = {include_bots:Bool})
    GROUP BY owner
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
    SELECT owner, min(touch) AS first
    FROM touches_first_owner(project_id = {project_id:String}, env = {env:String}, include_bots = {include_bots:Bool})
    GROUP BY owner
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
    SELECT owner, min(touch) AS first
    FROM
    (
        SELECT owner, touch
        FROM touches_unshared(project_id = {project_id:String}, env = {env:String}, include_bots = {include_bots:Bool})
        UNION ALL
        SELECT
            assumeNotNull(ifNull(
                anyLast(first_user) OVER (PARTITION BY anonymous_id ORDER BY timestamp DESC ROWS UNBOUNDED PRECEDING),
                anyLast(last_user) OVER (PARTITION BY anonymous_id ORDER BY timestamp ROWS UNBOUNDED PRECEDING)
            )) AS owner,
            touch
        FROM instants
    )
    WHERE touch != 0
    GROUP BY owner
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
