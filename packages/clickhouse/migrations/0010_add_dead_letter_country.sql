-- Where the visitor of a refused event was, so that a replay stores the same row as an acceptance would have. The address itself is
-- never kept.
-- Cost: metadata only. Before or after the code that writes it: the column has a default.
ALTER TABLE dead_letters_v1 ADD COLUMN IF NOT EXISTS country LowCardinality(String) DEFAULT '' AFTER user_agent;
