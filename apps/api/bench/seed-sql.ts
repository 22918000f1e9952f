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
FROM first_touches_all_devices(project_id = 'bench', env = 'live', include_bots = true)`;

/** Every column that the question needs, read once. */
export const plainScan = `
SELECT max(length(anonymous_id)), max(length(user_id)), max(timestamp), max(source), max(medium)
FROM events_v1
WHERE project_id = 'bench'`;

/** Users and one number that changes with any of their rows. */
export const hashOf = (sql: string) => `
SELECT count() AS users, toString(groupBitXor(cityHash64(user_id, source, medium, toUnixTimestamp64Milli(first_seen_at)))) AS hash FROM (${sql})`;
