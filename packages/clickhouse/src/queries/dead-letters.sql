-- Dead letters, oldest first: a replay takes them in the order of their arrival.
SELECT
    dead_letter_id, received_at, sent_at, key_prefix, user_agent, country, error, message, event_id, vouched, is_row, payload, too_large,
    replayed_at
FROM dead_letters_v1 FINAL
WHERE project_id = {project_id:String} AND env = {env:String}
    AND received_at >= {from:DateTime64(3, 'UTC')} AND received_at < {to:DateTime64(3, 'UTC')}
    AND (empty({ids:Array(String)}) OR dead_letter_id IN {ids:Array(String)})
    AND (empty({error:Array(String)}) OR error IN {error:Array(String)})
    AND dead_letter_id NOT IN (SELECT dead_letter_id FROM hidden_letters_v1 WHERE project_id = {project_id:String})
    AND ({include_replayed:Bool} OR replayed_at IS NULL)
    AND (received_at, dead_letter_id) > ({after_received_at:DateTime64(3, 'UTC')}, {after_id:String})
ORDER BY received_at, dead_letter_id
LIMIT {limit:UInt32}
