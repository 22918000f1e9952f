-- What reads go through: events, links between visitors and users, and every event with its owner.
--
--   SELECT * FROM stitched_events(project_id = '…', env = 'live', stitch = 'time_sliced', devices = [])
--
-- owner is the event's own user_id, if it has one, else
--   time_sliced: the user of the next link in time on its visitor, else of the last link before; several users at one instant: the
--                first of them by name is next, the last of them is last
--   first_owner: the first user ever linked to the visitor
--   all_devices: every user ever linked to the visitor, each with a row of its own
-- and NULL when there is none. devices narrows the visitors, [] is all of them; '' is what servers sent without a visitor.
--
-- A visitor's time is cut into slices, each with the user that it belongs to; one join finds the slice of an event. Most visitors that are
-- known have one user, and one slice without end.
--
-- Events are compared with the work list of a forget request only while there is one: the scalar sub-query folds to a constant.
-- Cost: metadata only.
CREATE VIEW IF NOT EXISTS events AS
SELECT
    project_id, env, event_id, id_order, timestamp, received_at, timestamp_clamped, event_name, anonymous_id, user_id, session_id,
    source, medium, campaign, channel, source_confidence, source_rule_id, rules_version,
    url, path, referrer, title, country, device_type, browser, os, is_bot, bot_reason, properties, context
FROM events_v1
WHERE (SELECT count() FROM hidden_events_v1) = 0
    OR (project_id, event_id) NOT IN (SELECT project_id, event_id FROM hidden_events_v1);

-- What the projections of events_v1 hold, read as tables of their own: from every part of events_v1 what it holds, so a key may have several
-- rows. The engine finds out by itself that a projection answers a query, but to find it out costs more than to read it.
CREATE VIEW IF NOT EXISTS stored_links AS
SELECT project_id, env, user_id, linked_id, finalizeAggregation(first) AS first_seen, finalizeAggregation(last) AS last_seen
FROM (SELECT * FROM mergeTreeProjection(currentDatabase(), events_v1, links)) AS stored (project_id, env, user_id, linked_id, first, last);

CREATE VIEW IF NOT EXISTS stored_touches AS
SELECT project_id, env, is_anonymous, visitor, user_id, is_bot, finalizeAggregation(first) AS touch
FROM (SELECT * FROM mergeTreeProjection(currentDatabase(), events_v1, touches))
    AS stored (project_id, env, is_anonymous, visitor, user_id, is_bot, first);

CREATE VIEW IF NOT EXISTS named_sources AS
SELECT project_id, env, source, medium, campaign, channel, hash
FROM (SELECT * FROM mergeTreeProjection(currentDatabase(), events_v1, sources))
    AS stored (project_id, env, source, medium, campaign, channel, hash);

-- Every event that carries both ids makes a link.
CREATE VIEW IF NOT EXISTS links AS
SELECT
    project_id,
    env,
    linked_id AS anonymous_id,
    assumeNotNull(stored_links.user_id) AS user_id,
    min(stored_links.first_seen) AS first_seen,
    max(stored_links.last_seen) AS last_seen
FROM stored_links
WHERE stored_links.user_id IS NOT NULL AND linked_id != ''
    AND (project_id, env, linked_id, assumeNotNull(stored_links.user_id)) NOT IN
        (SELECT project_id, env, anonymous_id, user_id FROM void_links)
GROUP BY project_id, env, stored_links.user_id, linked_id;

CREATE VIEW IF NOT EXISTS stitched_events AS
WITH
    slices AS
    (
        SELECT
            anonymous_id,
            toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC') AS until,
            argMin(user_id, (first_seen, user_id)) AS user
        FROM links
        WHERE project_id = {project_id:String} AND env = {env:String} AND {stitch:String} IN ('time_sliced', 'first_owner')
            AND (empty({devices:Array(String)}) OR anonymous_id IN {devices:Array(String)})
        GROUP BY anonymous_id
        HAVING {stitch:String} = 'first_owner' OR uniqExact(user_id) = 1
        UNION ALL
        SELECT anonymous_id, slice.1 AS until, slice.2 AS user
        FROM
        (
            SELECT
                anonymous_id,
                arrayJoin(arrayPushBack(
                    groupArray((timestamp, first_user)),
                    (toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC'), argMax(last_user, timestamp))
                )) AS slice
            FROM
            (
                SELECT
                    anonymous_id,
                    timestamp,
                    min(assumeNotNull(events_v1.user_id)) AS first_user,
                    max(assumeNotNull(events_v1.user_id)) AS last_user
                FROM events_v1
                WHERE project_id = {project_id:String} AND env = {env:String} AND {stitch:String} = 'time_sliced'
                    AND events_v1.user_id IS NOT NULL
                    AND anonymous_id IN
                    (
                        SELECT anonymous_id
                        FROM links
                        WHERE project_id = {project_id:String} AND env = {env:String} AND {stitch:String} = 'time_sliced'
                            AND (empty({devices:Array(String)}) OR anonymous_id IN {devices:Array(String)})
                        GROUP BY anonymous_id
                        HAVING uniqExact(user_id) > 1
                    )
                    AND (anonymous_id, assumeNotNull(events_v1.user_id)) NOT IN
                        (SELECT anonymous_id, user_id FROM void_links WHERE project_id = {project_id:String} AND env = {env:String})
                GROUP BY anonymous_id, timestamp
            )
            GROUP BY anonymous_id
        )
    ),
    every_user AS
    (
        SELECT anonymous_id, user_id AS user
        FROM links
        WHERE project_id = {project_id:String} AND env = {env:String} AND {stitch:String} = 'all_devices'
            AND (empty({devices:Array(String)}) OR anonymous_id IN {devices:Array(String)})
    )
SELECT
    event.project_id AS project_id, event.env AS env, event.event_id AS event_id, event.timestamp AS timestamp,
    event.received_at AS received_at, event.timestamp_clamped AS timestamp_clamped, event.event_name AS event_name,
    event.anonymous_id AS anonymous_id, event.user_id AS user_id, event.session_id AS session_id, event.source AS source,
    event.medium AS medium, event.campaign AS campaign, event.channel AS channel, event.source_confidence AS source_confidence,
    event.source_rule_id AS source_rule_id, event.rules_version AS rules_version, event.url AS url, event.path AS path,
    event.referrer AS referrer, event.title AS title, event.country AS country, event.device_type AS device_type,
    event.browser AS browser, event.os AS os, event.is_bot AS is_bot, event.bot_reason AS bot_reason,
    event.properties AS properties, event.context AS context, event.server_user_id AS server_user_id, event.id_order AS id_order,
    nullIf(multiIf(
        event.user_id IS NOT NULL, assumeNotNull(event.user_id),
        {stitch:String} = 'all_devices', every_user.user,
        slices.user
    ), '') AS owner
FROM events_v1 AS event
-- An event with a user_id needs no visitor to find its owner.
ASOF LEFT JOIN slices ON if(event.user_id IS NULL, event.anonymous_id, '') = slices.anonymous_id AND event.timestamp <= slices.until
LEFT JOIN every_user ON if(event.user_id IS NULL AND {stitch:String} = 'all_devices', event.anonymous_id, '') = every_user.anonymous_id
WHERE event.project_id = {project_id:String} AND event.env = {env:String}
    AND (empty({devices:Array(String)}) OR event.anonymous_id IN {devices:Array(String)})
    AND ((SELECT count() FROM hidden_events_v1 WHERE project_id = {project_id:String}) = 0
        OR event.event_id NOT IN (SELECT event_id FROM hidden_events_v1 WHERE project_id = {project_id:String}));
