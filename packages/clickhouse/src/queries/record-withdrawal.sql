-- Adds to the log of a link. Its newest entry counts, so it is later than those before it whatever the clocks of the servers say.
INSERT INTO link_withdrawals_v1 (project_id, env, anonymous_id, user_id, at, action, reason, key_prefix)
SELECT
    {project_id:String}, {env:String}, {anonymous_id:String}, {user_id:String},
    greatest(now64(6, 'UTC'), max(at) + toIntervalMicrosecond(1)),
    {action:String}, {reason:String}, {key_prefix:String}
FROM link_withdrawals_v1
WHERE project_id = {project_id:String} AND env = {env:String}
    AND anonymous_id = {anonymous_id:String} AND user_id = {user_id:String}
