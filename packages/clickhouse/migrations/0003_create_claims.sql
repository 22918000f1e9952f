-- Claims: which event ids each API process is about to store. Two processes over one database compare their claims before
-- either inserts, so that an event which reaches both at once is stored by one (docs/architecture/exactly-once.md).
-- A process has one live claim, its newest; an older version is nothing. A claim is a promise about the future, never a record of
-- what happened: losing the table between two inserts loses nothing.
-- Cost: metadata only.
CREATE TABLE IF NOT EXISTS claims_v1
(
    writer String COMMENT 'one for each start of an API process',
    version UInt64,
    ids Array(UInt64) COMMENT 'hashes of (project_id, event_id); two ids of one hash only wait for each other',
    at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'the clock of the database'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY writer
TTL toDateTime(at) + INTERVAL 1 HOUR;
