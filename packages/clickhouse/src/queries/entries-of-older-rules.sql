-- Every way in that older rules decided, with what they said of it; slice by slice, so that a busy month does not come at once.
SELECT
    toString(sipHash64(url, referrer)) AS entry, url, referrer,
    source, medium, campaign, channel, source_confidence, source_rule_id,
    count() AS events
FROM events_v1
WHERE project_id = {project_id:String}
    AND _partition_id = {partition:String}
    AND rules_version < {rules_version:UInt16}
    AND (url != '' OR referrer != '')
    AND sipHash64(url, referrer) % {slices:UInt32} = {slice:UInt32}
GROUP BY ALL
ORDER BY ALL
