-- Without url and referrer there is nothing that newer rules could see otherwise.
SELECT _partition_id AS partition, count() AS events
FROM events_v1
WHERE project_id = {project_id:String} AND rules_version < {rules_version:UInt16} AND (url != '' OR referrer != '')
GROUP BY partition
ORDER BY partition
