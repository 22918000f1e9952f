-- What people query. The table behind it carries a version, so that a later layout can replace it under the same name.
-- Cost: metadata only.
CREATE VIEW IF NOT EXISTS events AS
SELECT
    project_id, env, event_id, timestamp, received_at, timestamp_clamped, event_name, anonymous_id, user_id, session_id,
    source, medium, campaign, channel, source_confidence, source_rule_id, rules_version,
    url, path, referrer, title, country, device_type, browser, os, is_bot, bot_reason, properties, context
FROM events_v1;
