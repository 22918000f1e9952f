-- Deterministic events of one project over 90 days: a tenth as many visitors as events, some far more active than others; every 12th
-- visitor becomes a user, every 10th user has a second device, every 500th device is shared by two users.
INSERT INTO events_v1
    (project_id, env, event_id, timestamp, received_at, event_name, anonymous_id, user_id, session_id, source, medium, campaign,
     channel, source_confidence, source_rule_id, url, path, properties)
WITH
    {events:UInt64} / 10 AS visitors,
    toUInt64(pow(cityHash64(number, 'v') / 18446744073709551616.0, 2) * visitors) AS visitor,
    cityHash64(visitor, 'start') % 5184000 + cityHash64(number, 't') % (1 + cityHash64(visitor, 'span') % 2592000) AS second,
    visitor % 12 = 0 AS known,
    known AND second > 2592000 AS identified,
    intDiv(visitor, 12) AS user,
    if(visitor % 500 = 0 AND second > 5184000, user + 1, if(user % 10 = 1, user - 1, user)) AS owner,
    cityHash64(visitor, intDiv(second, 86400)) % 10 AS visit,
    toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + toIntervalSecond(second) AS at,
    concat('/product/', toString(cityHash64(number, 'p') % 2000)) AS page
SELECT
    'bench', 'live', toString(generateUUIDv7(number)),
    at, at,
    ['$pageview', 'clicked_pricing', 'added_to_cart', 'signup', 'feature_used'][1 + cityHash64(number, 'e') % 5],
    concat('v-', toString(visitor)),
    if(identified, concat('user-', toString(owner)), NULL),
    '',
    ['direct', 'google', 'facebook', 'newsletter', 'google', 'direct', 'bing', 'direct', 'linkedin', 'reddit'][1 + visit],
    ['direct', 'organic', 'paid', 'email', 'paid', 'direct', 'organic', 'direct', 'social', 'social'][1 + visit],
    if(visit IN (2, 4), concat('campaign-', toString(cityHash64(visitor, 'c') % 50)), ''),
    ['Direct', 'Organic Search', 'Paid Social', 'Email', 'Paid Search', 'Direct', 'Organic Search', 'Direct', 'Organic Social', 'Organic Social'][1 + visit],
    'high', 'bench', concat('https://shop.example', page), page, '{}'
FROM numbers({events:UInt64})
