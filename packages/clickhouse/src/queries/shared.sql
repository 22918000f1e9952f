-- Visitors that met many users (a kiosk, a shared laptop, somebody who plays with other people's ids), or users that were very many
-- visitors (a shared account, one id that stands for many people). Most others first.
SELECT
    if({of:String} = 'devices', anonymous_id, user_id) AS id,
    count() AS others,
    arraySlice(
        arrayMap(link -> link.2, arraySort(groupArray((first_seen, if({of:String} = 'devices', user_id, anonymous_id))))), 1, 10
    ) AS sample,
    min(first_seen) AS first_seen_at,
    max(last_seen) AS last_seen_at
FROM links
WHERE project_id = {project_id:String} AND env = {env:String}
GROUP BY id
HAVING others >= {least:UInt32}
    AND last_seen_at >= {from:DateTime64(3, 'UTC')} AND first_seen_at < {to:DateTime64(3, 'UTC')}
    AND (-toInt64(others), id) > (-toInt64({after_count:UInt64}), {after_id:String})
ORDER BY others DESC, id
LIMIT {limit:UInt32}
