-- Events without a user on a forgotten person's visitors that are not on the work list; whose they are follows from their time.
SELECT anonymous_id, event_id, timestamp
FROM events_v1
WHERE project_id = {project_id:String}
    AND user_id IS NULL
    AND received_at <= {requested_at:DateTime64(3, 'UTC')}
    AND received_at > {since:DateTime64(3, 'UTC')}
    AND anonymous_id != ''
    AND anonymous_id IN
    (
        SELECT anonymous_id
        FROM hidden_events_v1
        WHERE project_id = {project_id:String} AND request_id = {request_id:String}
    )
    AND (anonymous_id, event_id) NOT IN
    (
        SELECT anonymous_id, event_id
        FROM hidden_events_v1
        WHERE project_id = {project_id:String} AND request_id = {request_id:String}
    )
