-- The log of `millimetric reclassify`: what was about to be changed, written before it is. The columns that a newer version of the rules
-- fills in again (source, medium, campaign, channel, source_confidence, source_rule_id, rules_version) follow from url and referrer
-- alone; nothing else of an event ever changes.
-- Cost: metadata only.
CREATE TABLE IF NOT EXISTS reclassifications_v1
(
    run_id String COMMENT 'one for each call of the command',
    project_id LowCardinality(String),
    at DateTime64(3, 'UTC') DEFAULT now64(3),
    partition String COMMENT 'of events_v1',
    rules_version UInt16 COMMENT 'the version that decided anew',
    events UInt64,
    changes String COMMENT 'JSON: [{from, to, events}]' CODEC(ZSTD(3))
)
ENGINE = MergeTree
ORDER BY (project_id, at, run_id);
