-- Users of a sample whose first touch is not the same from the projections as event by event.
SELECT count() AS users, countIf(fast.touch != plain.touch) AS different
FROM
(
    SELECT user_id, (first_seen_at, source, medium, campaign, channel) AS touch
    FROM first_touches_in_time(project_id = {project_id:String}, env = {env:String}, include_bots = true)
    WHERE user_id IN {users:Array(String)}
) AS fast
FULL JOIN
(
    SELECT user_id, (first_seen_at, source, medium, campaign, channel) AS touch
    FROM first_touches_event_by_event(
        project_id = {project_id:String}, env = {env:String}, stitch = 'time_sliced', include_bots = true, devices = {devices:Array(String)})
    WHERE user_id IN {users:Array(String)}
) AS plain ON plain.user_id = fast.user_id
