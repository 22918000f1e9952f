-- Changes whenever an event of one visitor is stored or hidden: cheap, by primary key.
SELECT concat(toString(count()), '-', toString(toUnixTimestamp64Milli(max(received_at)))) AS state
FROM events
WHERE project_id = {project_id:String} AND env = {env:String} AND anonymous_id = {anonymous_id:String}
