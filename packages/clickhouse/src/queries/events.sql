-- Raw events, newest first, as they were sent and enriched; who they belong to is not asked here.
SELECT
    event_id, timestamp, received_at, event_name, anonymous_id, user_id, session_id, source, medium, campaign, channel,
    source_confidence, source_rule_id, rules_version, url, path, referrer, title, country, device_type, browser, os,
    is_bot, bot_reason, properties, context, env, timestamp_clamped
FROM events
WHERE project_id = {project_id:String} AND env = {env:String}
    AND timestamp >= {from:DateTime64(3, 'UTC')} AND timestamp < {to:DateTime64(3, 'UTC')}
    AND (is_bot = 0 OR {include_bots:Bool})
    AND (empty({event:Array(String)}) OR event_name IN {event:Array(String)})
    AND (empty({source:Array(String)}) OR source IN {source:Array(String)})
    AND (empty({medium:Array(String)}) OR medium IN {medium:Array(String)})
    AND (empty({channel:Array(String)}) OR channel IN {channel:Array(String)})
    AND (empty({campaign:Array(String)}) OR campaign IN {campaign:Array(String)})
    AND (empty({country:Array(String)}) OR country IN {country:Array(String)})
    AND (empty({user_id:Array(String)}) OR user_id IN {user_id:Array(String)})
    AND (empty({anonymous_id:Array(String)}) OR anonymous_id IN {anonymous_id:Array(String)})
    AND (empty({session_id:Array(String)}) OR session_id IN {session_id:Array(String)})
    AND (timestamp, id_order) <
        ({before_timestamp:DateTime64(3, 'UTC')}, ({before_text:String}, {before_lag:Int64}, {before_high:UInt16}, {before_low:UInt64}))
ORDER BY timestamp DESC, id_order DESC
LIMIT {limit:UInt32}
