-- Who withdrew which link, or restored it, when and why; newest first. A person who is being forgotten is in no answer.
SELECT at, action, anonymous_id, user_id, reason, key_prefix
FROM link_withdrawals_v1
WHERE project_id = {project_id:String} AND env = {env:String}
    AND at >= {from:DateTime64(3, 'UTC')} AND at < {to:DateTime64(3, 'UTC')}
    AND ({anonymous_id:String} = '' OR anonymous_id = {anonymous_id:String})
    AND ({user_id:String} = '' OR user_id = {user_id:String})
    AND (anonymous_id, user_id) NOT IN
        (SELECT anonymous_id, user_id FROM hidden_links_v1 WHERE project_id = {project_id:String} AND env = {env:String})
    AND (at, anonymous_id, user_id, action) <
        ({before_at:DateTime64(6, 'UTC')}, {before_anonymous_id:String}, {before_user_id:String}, {before_action:String})
ORDER BY at DESC, anonymous_id DESC, user_id DESC, action DESC
LIMIT {limit:UInt32}
