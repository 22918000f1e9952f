-- Visitors that met many users: a kiosk, a shared laptop, or somebody who plays with other people's ids. Most users first.
SELECT
    anonymous_id AS id,
    count() AS others,
    arraySlice(arrayMap(link -> link.2, arraySort(groupArray((first_seen, user_id)))), 1, 10) AS sample,
    min(first_seen) AS first_seen_at,
    max(last_seen) AS last_seen_at
FROM links
WHERE project_id = {project_id:String} AND env = {env:String}
GROUP BY anonymous_id
HAVING others >= {least:UInt32}
    AND last_seen_at >= {from:DateTime64(3, 'UTC')} AND first_seen_at < {to:DateTime64(3, 'UTC')}
    AND (-toInt64(others), id) > (-toInt64({after_count:UInt64}), {after_id:String})
ORDER BY others DESC, id
LIMIT {limit:UInt32}
