-- The delivery ledger by minute and key, oldest first.
SELECT
    minute,
    key_prefix,
    sumIf(events, outcome = 'received') AS received,
    sumIf(events, outcome = 'accepted') AS accepted,
    mapFilter((reason, events) -> events > 0, sumMap(map(reason, if(outcome = 'rejected', events, 0)))) AS rejected,
    sumIf(events, outcome = 'stored') AS stored,
    sumIf(events, outcome = 'duplicate') AS duplicate,
    sumIf(events, outcome = 'suppressed') AS suppressed,
    sumIf(events, outcome = 'dead') AS dead,
    sumIf(events, outcome = 'removed') AS removed
FROM receipts_v1
WHERE project_id = {project_id:String} AND env = {env:String}
    AND minute >= toStartOfMinute({from:DateTime64(3, 'UTC')}) AND minute < {to:DateTime64(3, 'UTC')}
    AND (minute, key_prefix) > ({after_minute:DateTime64(3, 'UTC')}, {after_key:String})
GROUP BY minute, key_prefix
ORDER BY minute, key_prefix
LIMIT {limit:UInt32}
