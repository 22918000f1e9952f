-- Events of one project over 90 days, the same for the same parameters: a seed salts every draw.
--
--   events      a tenth as many visitors; the first `events / 40 * 10` sessions' worth is one visit each, so that every visitor exists
--   first, count  which of them to make; those from `events` on are sent a second time
--
-- Sessions have 1 to 12 events (four on average, three in ten are a lone page) with 5 to 90 seconds between them. Visits beyond a
-- visitor's first follow a Zipf law with exponent 1/2. Every 12th visitor becomes a user, every tenth user has a second device, every
-- 20th first device is offered to another user, a tenth of a user's later visits are logged out. Two in a hundred visitors are
-- bots, two in a hundred events arrive late, by up to three days.
INSERT INTO {table:Identifier}
    (project_id, env, id, timestamp, received, event_name, anonymous_id, user_id, session_id, source, medium, campaign,
     channel, source_confidence, source_rule_id, rules_version, url, path, referrer, title, country, device_type, browser, os, is_bot,
     bot_reason, properties, context)
-- Longer than a request may write.
SETTINGS max_execution_time = 0
WITH
    (part -> cityHash64({seed:UInt64}, {project:String}, part)) AS salt,
    if(number < {events:UInt64}, number, (number * 7919) % {events:UInt64}) AS n,
    intDiv({events:UInt64}, 10) AS visitors,
    -- Ten sessions of 40 events: their lengths are 12, 8, 6, 4, 3, 2, 2, 1, 1, 1.
    n % 40 AS slot,
    [0,0,0,0,0,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,2,2,2,2,2,2,3,3,3,3,4,4,4,5,5,6,6,7,8,9][1 + slot] AS nth,
    [0,12,20,26,30,33,35,37,38,39][1 + nth] AS begins,
    slot - begins AS step,
    -- Each visitor's first visit stands before all the repeated ones.
    intDiv(n, 40) * 10 + nth AS session,
    if(session < visitors, session, toUInt64(pow(cityHash64(session, salt('visitor')) / 18446744073709551616.0, 2) * visitors)) AS visitor,
    cityHash64(visitor, salt('traits')) AS traits,
    intDiv(visitor, 12) AS number_of_user,
    visitor % 12 = 0 OR (visitor % 12 = 1 AND number_of_user % 10 = 0) AS known,
    traits % 5184000 AS appeared,
    cityHash64(visitor, salt('span')) % 2592000 AS span,
    -- A known visitor's first visit in the order above is the one in which it signs up; the others are before or after.
    if(session < visitors AND known, appeared + intDiv(span, 2), appeared + cityHash64(session, salt('start')) % (1 + span)) AS began,
    began + step * (5 + traits % 86) AS second,
    known AND began >= appeared + intDiv(span, 2) AS after_signup,
    session < visitors AND known AND step = 0 AS signs_up,
    after_signup AND (session < visitors OR cityHash64(session, salt('logged out')) % 10 != 0) AS identified,
    number_of_user + (visitor % 240 = 0 AND began > appeared + intDiv(span * 3, 4)) AS user,
    toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + toIntervalMillisecond(second * 1000 + cityHash64(n, salt('ms')) % 1000) AS at,
    cityHash64(n, salt('event')) AS draw,
    leftPad(lower(hex(toUInt64(toUnixTimestamp64Milli(at)))), 12, '0') AS hex_at,
    lower(hex(sipHash128(n, salt('id')))) AS hex_draw,
    cityHash64(session, salt('visit')) % 10 AS visit,
    [1,2,3,4,5,1,6,1,7,8][1 + visit] AS way,
    step = 0 AS entry,
    traits % 50 = 7 AND NOT known AS bot,
    toUInt64(pow(draw / 18446744073709551616.0, 3) * 2000) AS page,
    if(way IN (3, 5), concat('campaign-', toString(traits % 50)), '') AS campaign_name,
    multiIf(signs_up, '$identify', entry OR draw % 5 < 3, '$pageview', draw % 5 = 3, 'clicked_pricing',
        ['added_to_cart', 'feature_used', 'signup', 'completed_checkout'][1 + intDiv(draw, 5) % 4]) AS name,
    ['direct', 'google', 'facebook', 'newsletter', 'google', 'bing', 'linkedin', 'reddit'][way] AS came_from,
    ['direct', 'organic', 'paid', 'email', 'paid', 'organic', 'social', 'social'][way] AS by_medium,
    concat('/product/', toString(page)) AS page_path
SELECT
    {project:String}, 'live',
    -- UUIDv7: 48 bits of time, the rest drawn.
    concat(substring(hex_at, 1, 8), '-', substring(hex_at, 9, 4), '-7', substring(hex_draw, 1, 3), '-a', substring(hex_draw, 4, 3), '-', substring(hex_draw, 7, 12)),
    at,
    at + toIntervalMillisecond(40 + draw % 400) + toIntervalSecond(if(draw % 50 = 1, intDiv(draw, 50) % 259200, 0)),
    name,
    toString(reinterpretAsUUID(sipHash128(visitor, salt('anonymous')))),
    if(identified, concat('user_', toString(user)), NULL),
    '',
    if(entry, came_from, 'internal'), if(entry, by_medium, 'direct'), if(entry, campaign_name, ''),
    if(entry, ['Direct', 'Organic Search', 'Paid Social', 'Email', 'Paid Search', 'Organic Search', 'Organic Social', 'Organic Social'][way], 'Direct'),
    'high', if(entry, concat('rule-', toString(way)), 'internal'), 1,
    concat('https://shop.example', page_path, if(entry AND way IN (3, 4, 5), concat('?utm_source=', came_from, '&utm_medium=', by_medium, '&utm_campaign=', campaign_name), '')),
    page_path,
    multiIf(NOT entry, 'https://shop.example/', came_from = 'direct', '', concat('https://www.', came_from, '.com/')),
    concat('Product ', toString(page), ' – Shop'),
    ['US', 'DE', 'GB', 'FR', 'IN', 'BR', 'NL', 'CA', 'JP', 'AU'][1 + toUInt64(pow(traits / 18446744073709551616.0, 2) * 10)],
    ['desktop', 'mobile', 'mobile', 'tablet'][1 + intDiv(traits, 7) % 4],
    ['Chrome', 'Mobile Safari', 'Chrome', 'Safari', 'Firefox', 'Edge'][1 + intDiv(traits, 11) % 6],
    ['Windows', 'iOS', 'Android', 'macOS', 'Linux'][1 + intDiv(traits, 13) % 5],
    bot, if(bot, 'isbot', ''),
    multiIf(
        name = 'completed_checkout', concat('{"amount_cents":', toString(900 + draw % 40000), ',"currency":"EUR"}'),
        entry AND way IN (3, 4, 5), concat('{"utm_source":"', came_from, '","utm_medium":"', by_medium, '","utm_campaign":"', campaign_name, '"}'),
        '{}'),
    concat('{"locale":"', ['en-US', 'de-DE', 'en-GB', 'fr-FR'][1 + traits % 4], '","library":{"name":"@millimetric/track","version":"0.1.0"}}')
FROM numbers({first:UInt64}, {count:UInt64})
