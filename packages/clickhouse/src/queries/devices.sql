-- The seed's multi-device query: users and the visitors that were them, most devices first. A link counts when it was made
-- or confirmed in the range.
SELECT user_id, groupArray(anonymous_id) AS devices, count() AS device_count
FROM
(
    SELECT user_id, anonymous_id
    FROM links
    WHERE project_id = {project_id:String} AND env = {env:String}
        AND last_seen >= {from:DateTime64(3, 'UTC')} AND first_seen < {to:DateTime64(3, 'UTC')}
        AND ({user_id:String} = '' OR user_id = {user_id:String})
    ORDER BY user_id, first_seen, anonymous_id
)
GROUP BY user_id
HAVING device_count >= {min_devices:UInt32}
    AND (-toInt64(device_count), user_id) > (-toInt64({after_count:UInt64}), {after_user:String})
ORDER BY device_count DESC, user_id
LIMIT {limit:UInt32}
