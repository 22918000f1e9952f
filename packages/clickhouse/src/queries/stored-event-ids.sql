-- Which of these event ids count already, as the projection event_ids knows them.
SELECT project_id, id_second AS second, toString(id_key) AS key
FROM events_v1
WHERE project_id IN {project_ids:Array(String)} AND id_second IN {seconds:Array(UInt32)} AND id_key IN {keys:Array(UInt64)}
GROUP BY project_id, id_second, id_key
