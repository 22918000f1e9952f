-- Credit of conversions by where their people came from, under every model at once. Credits are decimals, cut from the running share
-- of the value so that each conversion's add up to it to the last digit: linear thirds of 1 are 0.333333333, 0.333333334, 0.333333333.
--
-- A conversion without a touchpoint in its look-back counts as direct. Events of one order (the same order key) take the touchpoints
-- of the first of them, so a refund takes back what the order gave; only the first counts as a conversion.
WITH
    -- Of a value, what the touchpoints up to this place get, per model.
    ((whole, shares, place, n) -> arrayMap(
        share -> multiIf(place = n, whole, place = 0, toDecimal128(0, 9), toDecimal128(round(toFloat64(whole) * share[place], 9), 9)), shares
    )) AS credit,
    -- Whose paths to read: every visitor that converted, and the other visitors and server events of its users.
    converted AS
    (
        SELECT anonymous_id, user_id
        FROM events_v1
        WHERE project_id = {project_id:String} AND env = {env:String} AND event_name IN {events:Array(String)}
    ),
    visitors AS
    (
        SELECT anonymous_id, if(anonymous_id = '', ifNull(user_id, ''), '') AS server_user_id
        FROM events_v1
        WHERE project_id = {project_id:String} AND env = {env:String}
            AND (anonymous_id IN (SELECT anonymous_id FROM converted WHERE anonymous_id != '')
                OR user_id IN (SELECT user_id FROM converted)
                OR user_id IN
                (
                    SELECT user_id
                    FROM events_v1
                    WHERE project_id = {project_id:String} AND env = {env:String}
                        AND anonymous_id IN (SELECT anonymous_id FROM converted WHERE anonymous_id != '')
                    GROUP BY project_id, env, user_id, anonymous_id
                ))
        GROUP BY project_id, env, user_id, anonymous_id
    ),
    parts AS
    (
        SELECT
            person,
            argMinIf((timestamp, event_id, source, medium, campaign, channel), (timestamp, event_id), is_arrival) AS touch,
            max(is_arrival) AS touched,
            groupArrayIf(
                (
                    timestamp,
                    event_id,
                    if({order_key:String} = '', '', trim(BOTH '"' FROM JSONExtractRaw(properties, {order_key:String}))),
                    ifNull(toDecimal128OrNull(trim(BOTH '"' FROM JSONExtractRaw(properties, {value:String})), 9), 0)
                ),
                event_name IN {events:Array(String)} AND timestamp < {to:DateTime64(3, 'UTC')}
                    AND (timestamp >= {from:DateTime64(3, 'UTC')} OR {order_key:String} != '')
            ) AS conversions
        FROM session_events(
            project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
            from = {touched_from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}, devices = [])
        WHERE (anonymous_id, server_user_id) IN (SELECT anonymous_id, server_user_id FROM visitors)
        GROUP BY person, session, anonymous_id, server_user_id
    ),
    people AS
    (
        SELECT
            arraySort(groupArrayIf(touch, touched)) AS path,
            arraySort(groupArrayArray(conversions)) AS all_conversions,
            arrayMap(conversion -> conversion.3, all_conversions) AS orders
        FROM parts
        GROUP BY person
        HAVING notEmpty(all_conversions)
    ),
    journeys AS
    (
        SELECT
            conversion.4 AS value,
            toDecimal128(conversion.3 = '' OR place_in_order = 1, 9) AS counted,
            if(conversion.3 = '', conversion.1, all_conversions[indexOf(orders, conversion.3)].1) AS at,
            arrayFilter(touch -> touch.1 <= at AND touch.1 >= at - toIntervalSecond({lookback_seconds:UInt32}), path) AS found,
            arrayMap(touch -> (
                touch.1,
                touch.3 != 'direct',
                arrayMap(
                    name -> toString(multiIf(name = 'source', touch.3, name = 'medium', touch.4, name = 'campaign', touch.5, touch.6)),
                    {group_by:Array(String)}
                )
            ), if(empty(found), [(at, '', 'direct', 'direct', '', 'Direct')], found)) AS touches,
            length(touches) AS n,
            arrayLastIndex(touch -> touch.2, touches) AS last_known
        FROM people
        ARRAY JOIN all_conversions AS conversion, arrayEnumerateUniq(orders) AS place_in_order
        WHERE conversion.1 >= {from:DateTime64(3, 'UTC')}
    ),
    weighed AS
    (
        SELECT
            value, counted, touches, n, empty(found) AS untouched,
            arrayMap(model -> arrayMap((touch, i) -> multiIf(
                model = 'first_touch', toFloat64(i = 1),
                model = 'last_touch', toFloat64(i = n),
                model = 'last_non_direct', toFloat64(i = if(last_known = 0, n, last_known)),
                model = 'linear', 1.,
                -- The last share is exact whatever happens; weights count from the last touch, so that old ones cannot vanish together.
                model = 'time_decay', exp2(-dateDiff('millisecond', touch.1, touches[n].1) / {half_life_ms:Float64}),
                n <= 2, 1.,
                i = 1 OR i = n, 0.4,
                0.2 / (n - 2)
            ), touches, arrayEnumerate(touches)), {models:Array(String)}) AS weights,
            arrayMap(weight -> arrayMap(sum -> sum / arraySum(weight), arrayCumSum(weight)), weights) AS shares
        FROM journeys
    ),
    credits AS
    (
        SELECT
            touch.3 AS group,
            arrayMap((up_to, before) -> up_to - before, credit(counted, shares, place, n), credit(counted, shares, place - 1, n)) AS conversions,
            arrayMap((up_to, before) -> up_to - before, credit(value, shares, place, n), credit(value, shares, place - 1, n)) AS values,
            if(place = 1, counted, 0) AS all_conversions,
            if(place = 1, value, 0) AS all_value,
            if(place = 1, untouched, 0) AS all_untouched
        FROM weighed
        ARRAY JOIN touches AS touch, arrayEnumerate(touches) AS place
    )
SELECT
    group,
    arrayMap(credit -> toFloat64(credit), sumForEach(conversions)) AS conversions,
    arrayMap(credit -> toFloat64(credit), sumForEach(values)) AS values,
    toFloat64(sum(sum(all_conversions)) OVER ()) AS all_conversions,
    toFloat64(sum(sum(all_value)) OVER ()) AS all_value,
    sum(sum(all_untouched)) OVER () AS all_untouched
FROM credits
GROUP BY group
ORDER BY conversions[1] DESC, group
LIMIT {limit:UInt32}
