-- How much a request found, by the table it is to be removed from.
SELECT
    (
        SELECT count()
        FROM hidden_events_v1
        WHERE project_id = {project_id:String} AND request_id = {request_id:String} AND event_id != ''
    ) AS events_v1,
    (
        SELECT count()
        FROM hidden_letters_v1
        WHERE project_id = {project_id:String} AND request_id = {request_id:String}
    ) AS dead_letters_v1,
    (
        SELECT count()
        FROM link_withdrawals_v1
        WHERE project_id = {project_id:String}
            AND user_id IN
            (
                SELECT user_id
                FROM hidden_links_v1
                WHERE project_id = {project_id:String} AND request_id = {request_id:String}
            )
    ) AS link_withdrawals_v1
