-- For the metric: how many visitors met many users, and how many users very many devices, over all projects.
SELECT
    (
        SELECT count()
        FROM (SELECT 1 FROM links GROUP BY project_id, env, anonymous_id HAVING count() >= {users:UInt32})
    ) AS shared_devices,
    (
        SELECT count()
        FROM (SELECT 1 FROM links GROUP BY project_id, env, user_id HAVING count() >= {devices:UInt32})
    ) AS users_of_many_devices
