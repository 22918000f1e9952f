-- Credit of conversions by where their people came from, under every model at once. Credits are decimals, cut from the running share
-- of the value so that each conversion's add up to it to the last digit: linear thirds of 1 are 0.333333333, 0.333333334, 0.333333333.
--
-- A conversion without a touchpoint in its look-back counts as direct. Events of one order (the same order key) take the touchpoints
-- of the first of them, so a refund takes back what the order gave; only the first counts as a conversion.
WITH
    converted AS
    (
        SELECT DISTINCT anonymous_id, server_user_id, user_id
        FROM events_v1
        WHERE project_id = {project_id:String} AND env = {env:String} AND event_name IN {events:Array(String)}
    ),
    -- Whose paths to read: every visitor that converted, and the other visitors and server events of its users.
    visitors AS
    (
        SELECT anonymous_id, server_user_id
        FROM converted
        UNION ALL
        SELECT linked_id AS anonymous_id, if(linked_id = '', assumeNotNull(events_v1.user_id), '') AS server_user_id
        FROM events_v1
        WHERE project_id = {project_id:String} AND env = {env:String} AND events_v1.user_id IS NOT NULL
            AND (events_v1.user_id IN (SELECT user_id FROM converted)
                OR events_v1.user_id IN
                (
                    SELECT events_v1.user_id
                    FROM events_v1
                    WHERE project_id = {project_id:String} AND env = {env:String} AND events_v1.user_id IS NOT NULL
                        AND linked_id IN (SELECT anonymous_id FROM converted WHERE anonymous_id != '')
                    GROUP BY project_id, env, events_v1.user_id, linked_id
                ))
        GROUP BY project_id, env, events_v1.user_id, linked_id
    ),
    parts AS
    (
        SELECT
            person,
            arrival.is_arrival AS touched,
            (arrival.at, arrival.id, named.source, named.medium, named.campaign, named.channel) AS touch,
            arrayMap(
                event -> (
                    event.at,
                    event.id,
                    if({order_key:String} = '', '', trim(BOTH '"' FROM JSONExtractRaw(event.properties, {order_key:String}))),
                    ifNull(toDecimal128OrNull(trim(BOTH '"' FROM JSONExtractRaw(event.properties, {value:String})), 9), 0)
                ),
                arrayFilter(
                    event -> event.is_conversion AND event.at < {to:DateTime64(3, 'UTC')}
                        AND (event.at >= {from:DateTime64(3, 'UTC')} OR {order_key:String} != ''),
                    happened
                )
            ) AS conversions
        FROM
        (
            SELECT *, arrival.source AS entry
            FROM session_parts(
                project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, include_bots = {include_bots:Bool},
                conversions = {events:Array(String)},
                from = {touched_from:DateTime64(3, 'UTC')}, to = {to:DateTime64(3, 'UTC')}, devices = [])
            WHERE (anonymous_id, server_user_id) IN (SELECT anonymous_id, server_user_id FROM visitors)
        ) AS part
        ANY LEFT JOIN
        (
            SELECT hash, source, medium, campaign, channel
            FROM named_sources
            WHERE project_id = {project_id:String} AND env = {env:String}
        ) AS named ON part.entry = named.hash
    ),
    people AS
    (
        SELECT
            arraySort(groupArrayIf(touch, touched)) AS path,
            arraySort(conversion -> (conversion.3, conversion.1, conversion.2), groupArrayArray(conversions)) AS by_order,
            arrayMap(conversion -> conversion.3, by_order) AS orders,
            arrayMap((order, previous) -> order = '' OR order != previous, orders, arrayPushFront(arrayPopBack(orders), '')) AS begins,
            arrayFill((at, begin) -> begin, arrayMap(conversion -> conversion.1, by_order), begins) AS ordered_at
        FROM parts
        GROUP BY person
        HAVING notEmpty(by_order)
    ),
    journeys AS
    (
        SELECT
            conversion.4 AS value,
            toDecimal128(begin, 9) AS counted,
            arrayFilter(touch -> touch.1 <= at AND touch.1 >= at - toIntervalSecond({lookback_seconds:UInt32}), path) AS found,
            if(empty(found), [(at, ('', 0, 0, 0), 'direct', 'direct', '', 'Direct')], found) AS touches,
            length(touches) AS n,
            touches[n].1 AS last_at,
            arrayLastIndex(touch -> touch.3 != 'direct', touches) AS last_known,
            if(last_known = 0, n, last_known) AS not_direct
        FROM people
        ARRAY JOIN by_order AS conversion, begins AS begin, ordered_at AS at
        WHERE conversion.1 >= {from:DateTime64(3, 'UTC')}
    ),
    -- Lambdas below use nothing of the conversion but single values: an array would be copied for every touchpoint.
    weighed AS
    (
        SELECT
            value, counted, n, empty(found) AS untouched,
            arrayMap(touch -> arrayMap(
                name -> toString(multiIf(name = 'source', touch.3, name = 'medium', touch.4, name = 'campaign', touch.5, touch.6)),
                {group_by:Array(String)}
            ), touches) AS groups,
            arrayMap(model -> arrayMap((touch, i) -> multiIf(
                model = 'first_touch', toFloat64(i = 1),
                model = 'last_touch', toFloat64(i = n),
                model = 'last_non_direct', toFloat64(i = not_direct),
                model = 'linear', 1.,
                -- Weights count from the last touch, so that old ones cannot vanish together.
                model = 'time_decay', exp2(-dateDiff('millisecond', touch.1, last_at) / {half_life_ms:Float64}),
                n <= 2, 1.,
                i = 1 OR i = n, 0.4,
                0.2 / (n - 2)
            ), touches, arrayEnumerate(touches)), {models:Array(String)}) AS weights,
            arrayMap(weight -> arrayMap(
                (sum, whole) -> sum / whole, arrayCumSum(weight), arrayWithConstant(length(weight), arraySum(weight))
            ), weights) AS shares,
            -- What the touchpoints up to each one get; all of them get all, whatever floating point says.
            arrayMap(share -> arrayMap(
                (part, i) -> if(i = n, counted, toDecimal128(round(toFloat64(counted) * part, 9), 9)), share, arrayEnumerate(share)
            ), shares) AS conversions_up_to,
            arrayMap(share -> arrayMap(
                (part, i) -> if(i = n, value, toDecimal128(round(toFloat64(value) * part, 9), 9)), share, arrayEnumerate(share)
            ), shares) AS values_up_to
        FROM journeys
    ),
    credits AS
    (
        SELECT
            group,
            model,
            sum(conversions) AS conversions,
            sum(values) AS values,
            sumIf(counted, model = 1 AND place = 1) AS all_conversions,
            sumIf(value, model = 1 AND place = 1) AS all_value,
            countIf(untouched AND model = 1 AND place = 1) AS all_untouched
        FROM
        (
            SELECT value, counted, untouched, model, groups, conversion_credits, value_credits
            FROM weighed
            ARRAY JOIN
                arrayEnumerate({models:Array(String)}) AS model,
                arrayMap(sums -> arrayDifference(arrayPushFront(sums, toDecimal128(0, 9))), conversions_up_to) AS conversion_credits,
                arrayMap(sums -> arrayDifference(arrayPushFront(sums, toDecimal128(0, 9))), values_up_to) AS value_credits
        )
        ARRAY JOIN
            groups AS group,
            arrayEnumerate(groups) AS place,
            arrayPopFront(conversion_credits) AS conversions,
            arrayPopFront(value_credits) AS values
        GROUP BY group, model
    )
SELECT
    group,
    arrayMap(credit -> toFloat64(credit.2), arraySort(groupArray((model, credits.conversions)))) AS conversions,
    arrayMap(credit -> toFloat64(credit.2), arraySort(groupArray((model, credits.values)))) AS values,
    toFloat64(sum(sum(credits.all_conversions)) OVER ()) AS all_conversions,
    toFloat64(sum(sum(credits.all_value)) OVER ()) AS all_value,
    sum(sum(credits.all_untouched)) OVER () AS all_untouched
FROM credits
GROUP BY group
ORDER BY conversions[1] DESC, group
LIMIT {limit:UInt32}
