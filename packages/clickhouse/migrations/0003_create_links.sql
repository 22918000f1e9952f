-- A link says that a visitor was a user, first and last seen when: every event that carries both ids makes one.
-- Answered from the projection of the same name, not from a scan.
-- Cost: metadata only.
CREATE VIEW IF NOT EXISTS links AS
SELECT
    project_id,
    env,
    anonymous_id,
    assumeNotNull(events_v1.user_id) AS user_id,
    min(timestamp) AS first_seen,
    max(timestamp) AS last_seen
FROM events_v1
WHERE events_v1.user_id IS NOT NULL AND anonymous_id != ''
GROUP BY project_id, env, events_v1.user_id, anonymous_id;
