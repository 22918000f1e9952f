-- First touch of all users without a scan of events.
--
--   SELECT user_id, first_seen_at, source, medium, campaign, channel
--   FROM first_touches_by_rule(project_id = '…', env = 'live', stitch = 'first_owner', include_bots = 0)
--
-- One row for every user: the first event that the stitch gives to the user. first_touches_by_rule knows first_owner and all_devices,
-- first_touches_in_time time_sliced; first_touches_event_by_event (with devices, as in stitched_events) knows all three, and is what
-- the other two must agree with. These read projections and do not know hidden_events_v1: while a project has any, ask event by event.
-- They are three because planning a view costs time, too, and each does without what the others need.
-- Of events at the same instant one that names a source comes before `direct` and `internal`, then the smaller hash of (source, medium,
-- campaign, channel) decides: never arrival order.
--
-- The projection `touches` keeps one number for every (visitor, user): instant, unnamed or not, hash of the source; the smallest is the
-- first touch. `sources` says what the hashes stand for. Being projections, written in the same part as their rows and rebuilt when rows
-- are deleted or classified anew, they are exact under late, shuffled and deleted events. In a trial with 100,000 groups on a busy
-- machine, states of tuples or strings with (timestamp, event_id) cost 4 to 20 times as much time to read. A table beside events_v1
-- could not follow deletes. The visitor is a 64-bit hash: with 100 M visitors, 8 M of them known, a first touch goes to the wrong user
-- once in 25,000 such projects.
--
-- By time_sliced, what nobody was signed in for on a visitor of several users is read event by event.
--
-- Cost: the projections of existing parts are made in the background (system.mutations; about 200,000 events a second on two cores);
-- reads are right meanwhile. New parts are compressed with ZSTD where the table says nothing else: event_ids takes half the space.
ALTER TABLE events_v1 MODIFY SETTING default_compression_codec = 'ZSTD(1)';

ALTER TABLE events_v1 ADD PROJECTION IF NOT EXISTS touches
(
    SELECT
        project_id, env, user_id IS NULL, cityHash64(anonymous_id), user_id, is_bot,
        max(timestamp),
        min(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(timestamp) + 2208988800000), 65)
            + bitShiftLeft(toUInt128(source IN ('direct', 'internal')), 64)
            + cityHash64(source, medium, campaign, channel))
    GROUP BY project_id, env, user_id IS NULL, cityHash64(anonymous_id), user_id, is_bot
);

ALTER TABLE events_v1 ADD PROJECTION IF NOT EXISTS sources
(
    SELECT project_id, env, source, medium, campaign, channel, cityHash64(source, medium, campaign, channel)
    GROUP BY project_id, env, source, medium, campaign, channel, cityHash64(source, medium, campaign, channel)
);

ALTER TABLE events_v1 MATERIALIZE PROJECTION touches SETTINGS mutations_sync = 0;

ALTER TABLE events_v1 MATERIALIZE PROJECTION sources SETTINGS mutations_sync = 0;

CREATE VIEW IF NOT EXISTS first_touches_by_rule AS
WITH
    -- What is known of every visitor: its users, each with the first touch of the user's own there.
    visitors AS
    (
        SELECT
            visitor,
            groupArray((owner, touch, is_bot, linked)) AS users,
            argMinIf(owner, (bitShiftRight(touch, 65), owner), linked) AS first_user,
            uniqExactIf(owner, linked) AS linked_users
        FROM
        (
            SELECT
                assumeNotNull(events_v1.user_id) AS owner,
                cityHash64(anonymous_id) AS visitor,
                is_bot,
                min(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(timestamp) + 2208988800000), 65)
                    + bitShiftLeft(toUInt128(source IN ('direct', 'internal')), 64)
                    + cityHash64(source, medium, campaign, channel)) AS touch,
                visitor != cityHash64('') AND (visitor, owner) NOT IN
                (
                    SELECT cityHash64(anonymous_id), user_id
                    FROM void_links
                    WHERE project_id = {project_id:String} AND env = {env:String}
                ) AS linked
            FROM events_v1
            WHERE project_id = {project_id:String} AND env = {env:String} AND NOT (events_v1.user_id IS NULL)
            GROUP BY events_v1.user_id, visitor, is_bot
        )
        GROUP BY visitor
    ),
    anonymous AS
    (
        SELECT
            cityHash64(anonymous_id) AS visitor,
            min(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(timestamp) + 2208988800000), 65)
                + bitShiftLeft(toUInt128(source IN ('direct', 'internal')), 64)
                + cityHash64(source, medium, campaign, channel)) AS touch
        FROM events_v1
        WHERE project_id = {project_id:String} AND env = {env:String} AND events_v1.user_id IS NULL
            AND (is_bot = 0 OR {include_bots:Bool})
            AND visitor IN
            (
                SELECT cityHash64(anonymous_id)
                FROM events_v1
                WHERE project_id = {project_id:String} AND env = {env:String} AND NOT (events_v1.user_id IS NULL)
                GROUP BY events_v1.user_id, cityHash64(anonymous_id)
            )
        GROUP BY visitor
    ),
    first AS
    (
        SELECT owner, min(touch) AS touch
        FROM
        (
            SELECT
                user.1 AS owner,
                least(
                    if(user.3 AND NOT {include_bots:Bool}, bitNot(toUInt128(0)), user.2),
                    if(anonymous.touch != 0 AND user.4 AND ({stitch:String} = 'all_devices' OR user.1 = visitors.first_user), anonymous.touch, bitNot(toUInt128(0)))
                ) AS touch
            FROM visitors
            LEFT JOIN anonymous ON anonymous.visitor = visitors.visitor
            ARRAY JOIN visitors.users AS user
        )
        GROUP BY owner
        HAVING touch != bitNot(toUInt128(0))
    ),
    named AS
    (
        SELECT cityHash64(source, medium, campaign, channel) AS hash, source, medium, campaign, channel
        FROM events_v1
        WHERE project_id = {project_id:String} AND env = {env:String}
        GROUP BY hash, source, medium, campaign, channel
    )
SELECT
    first.owner AS user_id,
    fromUnixTimestamp64Milli(toInt64(bitShiftRight(first.touch, 65)) - 2208988800000, 'UTC') AS first_seen_at,
    named.source AS source,
    named.medium AS medium,
    named.campaign AS campaign,
    named.channel AS channel
FROM first
ANY LEFT JOIN named ON named.hash = toUInt64(first.touch);

CREATE VIEW IF NOT EXISTS first_touches_in_time AS
WITH
    -- What is known of every visitor: its users, each with the first touch of the user's own there.
    visitors AS
    (
        SELECT
            visitor,
            groupArray((owner, touch, is_bot, linked)) AS users,
            argMinIf(owner, (bitShiftRight(touch, 65), owner), linked) AS first_user,
            uniqExactIf(owner, linked) AS linked_users
        FROM
        (
            SELECT
                assumeNotNull(events_v1.user_id) AS owner,
                cityHash64(anonymous_id) AS visitor,
                is_bot,
                min(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(timestamp) + 2208988800000), 65)
                    + bitShiftLeft(toUInt128(source IN ('direct', 'internal')), 64)
                    + cityHash64(source, medium, campaign, channel)) AS touch,
                visitor != cityHash64('') AND (visitor, owner) NOT IN
                (
                    SELECT cityHash64(anonymous_id), user_id
                    FROM void_links
                    WHERE project_id = {project_id:String} AND env = {env:String}
                ) AS linked
            FROM events_v1
            WHERE project_id = {project_id:String} AND env = {env:String} AND NOT (events_v1.user_id IS NULL)
            GROUP BY events_v1.user_id, visitor, is_bot
        )
        GROUP BY visitor
    ),
    anonymous AS
    (
        SELECT
            cityHash64(anonymous_id) AS visitor,
            min(bitShiftLeft(toUInt128(toUnixTimestamp64Milli(timestamp) + 2208988800000), 65)
                + bitShiftLeft(toUInt128(source IN ('direct', 'internal')), 64)
                + cityHash64(source, medium, campaign, channel)) AS touch
        FROM events_v1
        WHERE project_id = {project_id:String} AND env = {env:String} AND events_v1.user_id IS NULL
            AND (is_bot = 0 OR {include_bots:Bool})
            AND visitor IN
            (
                SELECT cityHash64(anonymous_id)
                FROM events_v1
                WHERE project_id = {project_id:String} AND env = {env:String} AND NOT (events_v1.user_id IS NULL)
                GROUP BY events_v1.user_id, cityHash64(anonymous_id)
            )
        GROUP BY visitor
    ),
    -- Visitors that several users share.
    shared AS
    (
        SELECT anonymous_id
        FROM links
        WHERE project_id = {project_id:String} AND env = {env:String}
        GROUP BY anonymous_id
        HAVING uniqExact(user_id) > 1
    ),
    -- What happened on them at each instant; a withdrawn link is none.
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
                events_v1.user_id IS NULL AS anonymous,
                if((anonymous_id, events_v1.user_id) IN
                (
                    SELECT anonymous_id, toNullable(user_id)
                    FROM void_links
                    WHERE project_id = {project_id:String} AND env = {env:String}
                ), NULL, events_v1.user_id) AS linked,
                bitShiftLeft(toUInt128(toUnixTimestamp64Milli(timestamp) + 2208988800000), 65)
                    + bitShiftLeft(toUInt128(source IN ('direct', 'internal')), 64)
                    + cityHash64(source, medium, campaign, channel) AS touch
            FROM events_v1
            WHERE project_id = {project_id:String} AND env = {env:String}
                AND anonymous_id IN (SELECT anonymous_id FROM shared)
        )
        GROUP BY anonymous_id, timestamp
    ),
    first AS
    (
        SELECT owner, min(touch) AS touch
        FROM
        (
            SELECT
                user.1 AS owner,
                least(
                    if(user.3 AND NOT {include_bots:Bool}, bitNot(toUInt128(0)), user.2),
                    if(anonymous.touch != 0 AND user.4 AND visitors.linked_users = 1, anonymous.touch, bitNot(toUInt128(0)))
                ) AS touch
            FROM visitors
            LEFT JOIN anonymous ON anonymous.visitor = visitors.visitor
            ARRAY JOIN visitors.users AS user
            UNION ALL
            SELECT
                assumeNotNull(ifNull(
                    anyLast(first_user) OVER (PARTITION BY anonymous_id ORDER BY timestamp DESC ROWS UNBOUNDED PRECEDING),
                    anyLast(last_user) OVER (PARTITION BY anonymous_id ORDER BY timestamp ROWS UNBOUNDED PRECEDING)
                )) AS owner,
                if(touch = 0, bitNot(toUInt128(0)), touch) AS touch
            FROM instants
        )
        GROUP BY owner
        HAVING touch != bitNot(toUInt128(0))
    ),
    named AS
    (
        SELECT cityHash64(source, medium, campaign, channel) AS hash, source, medium, campaign, channel
        FROM events_v1
        WHERE project_id = {project_id:String} AND env = {env:String}
        GROUP BY hash, source, medium, campaign, channel
    )
SELECT
    first.owner AS user_id,
    fromUnixTimestamp64Milli(toInt64(bitShiftRight(first.touch, 65)) - 2208988800000, 'UTC') AS first_seen_at,
    named.source AS source,
    named.medium AS medium,
    named.campaign AS campaign,
    named.channel AS channel
FROM first
ANY LEFT JOIN named ON named.hash = toUInt64(first.touch);

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
