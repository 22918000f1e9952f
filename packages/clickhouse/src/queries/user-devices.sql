-- The visitors that were this user, each since when, and '' when a server sent events of the user without a visitor: what to look at
-- to answer anything about one person, by primary key. One may come several times. With it, whether anything of any project is left out of reads: that
-- many rows there are is known without looking at them.
SELECT
    linked_id AS anonymous_id,
    toUnixTimestamp64Milli(first_seen) AS since,
    (SELECT count() FROM link_withdrawals_v1) + (SELECT count() FROM hidden_links_v1) + (SELECT count() FROM hidden_events_v1) > 0 AS any_excepted
FROM stored_links
WHERE project_id = {project_id:String} AND env = {env:String} AND user_id = {user_id:String}
