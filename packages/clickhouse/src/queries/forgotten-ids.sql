-- Which of these event ids, as keyed hashes, were removed with a forgotten person.
SELECT DISTINCT project_id, lower(hex(hash)) AS removed
FROM forgotten_ids_v1
WHERE project_id IN {project_ids:Array(String)} AND hash IN (SELECT toFixedString(unhex(arrayJoin({hashes:Array(String)})), 16))
