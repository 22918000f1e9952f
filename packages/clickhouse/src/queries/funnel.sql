-- How many people got how far: level n did the first n steps in this order, within the window of the first. Steps at the same
-- instant count in their order. All of it happens in the range.
SELECT level, count() AS people
FROM
(
    SELECT
        if(owner IS NULL, ('visitor', anonymous_id), ('user', assumeNotNull(owner))) AS person,
        windowFunnel({window_ms:UInt64})(
            toUInt64(toUnixTimestamp64Milli(timestamp)),
            event_name = {steps:Array(String)}[1], event_name = {steps:Array(String)}[2], event_name = {steps:Array(String)}[3],
            event_name = {steps:Array(String)}[4], event_name = {steps:Array(String)}[5], event_name = {steps:Array(String)}[6],
            event_name = {steps:Array(String)}[7], event_name = {steps:Array(String)}[8], event_name = {steps:Array(String)}[9],
            event_name = {steps:Array(String)}[10]
        ) AS level
    FROM stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = [])
    WHERE event_name IN {steps:Array(String)}
        AND timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}
        AND (is_bot = 0 OR {include_bots:Bool})
    GROUP BY person
)
GROUP BY level
