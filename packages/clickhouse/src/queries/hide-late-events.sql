-- What a process stored of a user after the work list was made, and had received before; with suppress, what it received before it knew.
INSERT INTO hidden_events_v1 (project_id, request_id, anonymous_id, event_id)
SELECT project_id, {request_id:String}, anonymous_id, event_id
FROM events_v1
WHERE project_id = {project_id:String}
    AND anonymous_id IN {devices:Array(String)} AND server_user_id IN ('', {user_id:String})
    AND user_id = {user_id:String}
    AND (received_at <= {requested_at:DateTime64(3, 'UTC')} OR {suppress:Bool})
    AND (anonymous_id, event_id) NOT IN
    (
        SELECT anonymous_id, event_id
        FROM hidden_events_v1
        WHERE project_id = {project_id:String} AND request_id = {request_id:String}
    )
