-- When the oldest event of a page of the newest is, from times alone; no row when there are fewer than a page. Events of the instant that
-- the page comes after are left out: with them it could only be later.
SELECT min(timestamp) AS oldest
FROM
(
    SELECT timestamp
    FROM events
    WHERE project_id = {project_id:String} AND env = {env:String}
        AND timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}
        AND timestamp < {before_timestamp:DateTime64(3, 'UTC')}
        AND (is_bot = 0 OR {include_bots:Bool})
    ORDER BY timestamp DESC
    LIMIT {limit:UInt32}
)
HAVING count() = {limit:UInt32}
