-- What is about to be removed, in the delivery ledger: stored less removed is what reads give. Once for each reason, however often
-- it is run.
INSERT INTO receipts_v1 (project_id, env, minute, key_prefix, outcome, reason, events)
SELECT project_id, env, toStartOfMinute(received_at) AS minute, key_prefix, 'removed', {reason:String}, count()
FROM events_v1
WHERE project_id = {project_id:String}
    AND (anonymous_id, event_id) IN
    (
        SELECT anonymous_id, event_id
        FROM hidden_events_v1
        WHERE project_id = {project_id:String} AND request_id = {request_id:String}
    )
GROUP BY project_id, env, minute, key_prefix
HAVING (env, minute, key_prefix) NOT IN
(
    SELECT env, minute, key_prefix
    FROM receipts_v1
    WHERE project_id = {project_id:String} AND outcome = 'removed' AND reason = {reason:String}
)
