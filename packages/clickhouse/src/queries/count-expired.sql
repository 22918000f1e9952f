-- What is about to be removed because of its age, in the delivery ledger. Once for each reason, however often it is run.
INSERT INTO receipts_v1 (project_id, env, minute, key_prefix, outcome, reason, events)
SELECT project_id, env, toStartOfMinute(received_at) AS minute, key_prefix, 'removed', {reason:String}, count()
FROM events_v1
WHERE project_id = {project_id:String} AND timestamp < {cutoff:DateTime64(3, 'UTC')}
GROUP BY project_id, env, minute, key_prefix
HAVING (env, minute, key_prefix) NOT IN
(
    SELECT env, minute, key_prefix
    FROM receipts_v1
    WHERE project_id = {project_id:String} AND outcome = 'removed' AND reason = {reason:String}
)
