-- The live claims of other processes that share an id with this one's, and which.
WITH (SELECT argMax(ids, version) FROM claims_v1 WHERE writer = {writer:String}) AS own
SELECT writer, arrayMap(id -> toString(id), arrayIntersect(own, ids)) AS contested
FROM
(
    SELECT writer, argMax(ids, version) AS ids
    FROM claims_v1
    WHERE writer != {writer:String} AND at > now64(3) - toIntervalMillisecond({lifetime_ms:UInt32})
    GROUP BY writer
)
WHERE contested != []
