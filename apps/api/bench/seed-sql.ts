/** The seed's first-touch query with its mistakes mended (the join's missing column, one user's events given to another), no more. */
export const seedFirstTouch = `
WITH user_anons AS
(
    SELECT DISTINCT project_id, user_id, anonymous_id FROM events WHERE project_id = 'bench' AND user_id IS NOT NULL
)
SELECT
    u.user_id AS user_id,
    argMin(e.source, e.timestamp) AS source,
    argMin(e.medium, e.timestamp) AS medium,
    min(e.timestamp) AS first_seen_at
FROM events AS e
INNER JOIN user_anons AS u USING (project_id, anonymous_id)
WHERE e.project_id = 'bench' AND (e.user_id IS NULL OR e.user_id = u.user_id)
GROUP BY user_id`;

/** The same answer from the projections. */
export const ourFirstTouch = `
SELECT user_id, source, medium, first_seen_at
FROM first_touches_by_rule(project_id = 'bench', env = 'live', stitch = 'all_devices', include_bots = true)`;

/** Every column that the question needs, read once. */
export const plainScan = `
SELECT max(length(anonymous_id)), max(length(user_id)), max(timestamp), max(source), max(medium)
FROM events_v1
WHERE project_id = 'bench'`;

/** Users and one number that changes with any of their rows. */
export const hashOf = (sql: string) => `
SELECT count() AS users, toString(groupBitXor(cityHash64(user_id, source, medium, toUnixTimestamp64Milli(first_seen_at)))) AS hash FROM (${sql})`;

/** What a team that picks DuckDB would write. */
export const duckQuestions = {
  "first touch of all users": `
WITH user_anons AS (SELECT DISTINCT user_id, anonymous_id FROM events WHERE user_id IS NOT NULL)
SELECT count(*), max(first_seen_at) FROM
(
    SELECT u.user_id, arg_min(e.source, e.timestamp) AS source, arg_min(e.medium, e.timestamp) AS medium, min(e.timestamp) AS first_seen_at
    FROM events AS e JOIN user_anons AS u USING (anonymous_id)
    WHERE e.user_id IS NULL OR e.user_id = u.user_id
    GROUP BY u.user_id
)`,
  "one user's journey": `
SELECT * FROM events
WHERE anonymous_id IN (SELECT anonymous_id FROM events WHERE user_id = 'user_42') AND (user_id IS NULL OR user_id = 'user_42')
ORDER BY timestamp`,
  "users with several devices": `
SELECT user_id, list(DISTINCT anonymous_id) FROM events WHERE user_id IS NOT NULL
GROUP BY user_id HAVING count(DISTINCT anonymous_id) > 1 ORDER BY user_id LIMIT 100`,
  "events by day and source": `
SELECT date_trunc('day', timestamp), source, count(*) FROM events GROUP BY ALL`,
};
