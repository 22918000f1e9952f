-- Dead letters that may be a person's: what names the user, wherever in it, and what came from one of the visitors without a user.
SELECT
    dead_letter_id,
    toUnixTimestamp64Milli(received_at) AS at,
    if(anonymous_id = '', JSONExtractString(payload, 'anonymousId'), anonymous_id) AS visitor,
    {user_id:String} != '' AND (user_id = {user_id:String} OR position(payload, {quoted_user_id:String}) > 0
        OR {user_id:String} IN (JSONExtractRaw(payload, 'user_id'), JSONExtractRaw(payload, 'userId'))) AS names_user
FROM dead_letters_v1 FINAL
WHERE project_id = {project_id:String}
    AND
    (
        names_user
        OR (visitor != '' AND visitor IN {devices:Array(String)} AND user_id = '' AND JSONExtractString(payload, 'userId') = '')
    )
    AND dead_letter_id NOT IN
    (
        SELECT dead_letter_id
        FROM hidden_letters_v1
        WHERE project_id = {project_id:String} AND request_id = {request_id:String}
    )
