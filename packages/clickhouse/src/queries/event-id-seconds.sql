-- The seconds of these times that stored ids are of, of any project; a text that is no UUIDv7 stands at some second, too.
SELECT id_second AS second
FROM events_v1
WHERE id_second >= {from:UInt32} AND id_second < {to:UInt32}
GROUP BY id_second
LIMIT {limit:UInt32}
