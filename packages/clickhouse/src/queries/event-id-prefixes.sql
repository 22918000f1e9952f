-- How the stored ids begin that are UUIDv7 of these times, without their last milliseconds: a range of each project's ids.
SELECT DISTINCT concat(substring(event_id, 1, 8), substring(event_id, 10, {digits:UInt8} - 8)) AS prefix
FROM events_v1
WHERE event_id >= {from:String} AND event_id < {to:String} AND match(event_id, '^[0-9a-f]{8}-[0-9a-f]{4}-7')
LIMIT {limit:UInt32}
