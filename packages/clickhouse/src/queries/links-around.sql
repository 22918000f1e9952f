-- Every link of one visitor as seen from an instant: its events nearest before and after it, and whether it was withdrawn.
SELECT
    link.user_id AS user_id,
    first_seen,
    last_seen,
    next_at,
    next_event_id,
    last_at,
    last_event_id,
    if(newest.2 = 'unlink', newest.1, NULL) AS withdrawn_at,
    if(newest.2 = 'unlink', newest.3, NULL) AS withdrawn_because,
    if(newest.2 = 'unlink', newest.4, NULL) AS withdrawn_by
FROM
(
    SELECT
        assumeNotNull(events_v1.user_id) AS user_id,
        min(timestamp) AS first_seen,
        max(timestamp) AS last_seen,
        minOrNullIf(timestamp, timestamp >= {at:DateTime64(3, 'UTC')}) AS next_at,
        argMinOrNullIf(event_id, (timestamp, event_id), timestamp >= {at:DateTime64(3, 'UTC')}) AS next_event_id,
        maxOrNullIf(timestamp, timestamp < {at:DateTime64(3, 'UTC')}) AS last_at,
        argMaxOrNullIf(event_id, (timestamp, event_id), timestamp < {at:DateTime64(3, 'UTC')}) AS last_event_id
    FROM events_v1
    WHERE project_id = {project_id:String} AND env = {env:String} AND anonymous_id = {anonymous_id:String}
        AND events_v1.user_id IS NOT NULL AND anonymous_id != ''
        AND (anonymous_id, assumeNotNull(events_v1.user_id)) NOT IN
            (SELECT anonymous_id, user_id FROM hidden_links_v1 WHERE project_id = {project_id:String} AND env = {env:String})
    GROUP BY user_id
) AS link
LEFT JOIN
(
    SELECT user_id, argMax((at, action, reason, key_prefix), (at, action)) AS newest
    FROM link_withdrawals_v1
    WHERE project_id = {project_id:String} AND env = {env:String} AND anonymous_id = {anonymous_id:String}
    GROUP BY user_id
) AS log ON link.user_id = log.user_id
ORDER BY first_seen, user_id
