/** Parts of questions that a layout may answer in another way. `layout` is the table. */
export const scope = "project_id = 'bench' AND env = 'live'";

const month = `${scope} AND timestamp >= '2026-02-10' AND timestamp < '2026-03-12'`;

const columns = `event_id, timestamp, received_at, event_name, anonymous_id, user_id, session_id, source, medium, campaign, channel,
  url, path, referrer, title, country, device_type, browser, os, properties, context`;

/** Which visitor was which user, since when. */
export const links = `SELECT user_id, anonymous_id, min(timestamp) AS first_seen FROM layout WHERE ${scope} AND user_id IS NOT NULL GROUP BY user_id, anonymous_id`;

/** The visitors of one user. */
export const devices = `SELECT anonymous_id FROM layout WHERE ${scope} AND user_id = {user:String} GROUP BY user_id, anonymous_id`;

/** The user that each visitor became first. */
export const owners = `SELECT anonymous_id, argMin(assumeNotNull(user_id), first_seen) AS owner FROM (${links}) GROUP BY anonymous_id`;

/** When a visitor was here, and the source; an interval for each event. */
export const visits = `SELECT anonymous_id, timestamp AS began, timestamp AS ended, source FROM layout WHERE ${month}`;

/** One visitor's path. */
export const path = `SELECT ${columns} FROM layout WHERE ${scope} AND anonymous_id = {visitor:String} ORDER BY timestamp`;

/** The same of a user: everything on the user's visitors but what other users did. */
export const journey = `SELECT ${columns} FROM layout WHERE ${scope} AND anonymous_id IN (${devices}) AND (user_id IS NULL OR user_id = {user:String}) ORDER BY timestamp`;

/** First touch of every user. */
export const firstTouch = `SELECT owner, argMin(source, timestamp) AS touch FROM
  (SELECT anonymous_id, user_id, timestamp, source FROM layout WHERE ${scope}) AS event
  INNER JOIN (${owners}) AS owners USING (anonymous_id) WHERE user_id IS NULL OR user_id = owner GROUP BY owner`;

/** Which of these ids are stored. */
export const stored = `SELECT count() FROM layout WHERE project_id IN ['bench'] AND event_id IN {ids:Array(String)}`;

/** Events with the person they belong to. */
const people = (
  where: string,
) => `(SELECT event.*, multiIf(user_id IS NOT NULL, assumeNotNull(user_id), owner != '', owner, anonymous_id) AS person
  FROM (SELECT anonymous_id, user_id, event_name, timestamp, source FROM layout WHERE ${where}) AS event
  LEFT JOIN (${owners}) AS owners USING (anonymous_id))`;

/** Every kind of question that the API answers, as plain SQL, so that layouts are asked alike; the person is the first user of a visitor. */
export const questions = {
  "newest page": `SELECT ${columns} FROM layout WHERE ${month} ORDER BY timestamp DESC, event_id DESC LIMIT 100`,
  "page of one event": `SELECT ${columns} FROM layout WHERE ${month} AND event_name = 'signup' AND source = 'google' ORDER BY timestamp DESC, event_id DESC LIMIT 100`,
  "day × source": `SELECT toDate(timestamp) AS day, source, count() FROM layout WHERE ${month} GROUP BY day, source`,
  "unique people": `SELECT uniqExact(person) FROM ${people(month)}`,
  sources: `SELECT source, medium, count(), uniqExact(anonymous_id) FROM layout WHERE ${month} GROUP BY source, medium`,
  sessions: `SELECT entry, count(), avg(seconds) FROM
    (SELECT anonymous_id, session, argMin(source, began) AS entry, dateDiff('second', min(began), max(ended)) AS seconds FROM
      (SELECT *, sum(begins) OVER (PARTITION BY anonymous_id ORDER BY began) AS session FROM
        (SELECT *, began > lagInFrame(ended) OVER (PARTITION BY anonymous_id ORDER BY began) + toIntervalMinute(30) AS begins FROM (${visits})))
      GROUP BY anonymous_id, session)
    GROUP BY entry`,
  "one visitor": path,
  "one user": journey,
  "page of users": `SELECT owner, min(timestamp), max(timestamp), count(), argMin(source, timestamp) FROM
    (SELECT anonymous_id, owner FROM (${owners}) ORDER BY owner LIMIT 100) AS page
    INNER JOIN (SELECT anonymous_id, timestamp, source FROM layout WHERE ${scope} AND anonymous_id IN (SELECT anonymous_id FROM (${owners}) ORDER BY owner LIMIT 100)) AS event
    USING (anonymous_id) GROUP BY owner ORDER BY owner`,
  "first touch": `SELECT count() FROM (${firstTouch}) GROUP BY touch`,
  attribution: `SELECT touch.source, count() FROM
    (SELECT anonymous_id, timestamp FROM layout WHERE ${month} AND event_name = 'completed_checkout') AS conversion
    ASOF LEFT JOIN
    (SELECT anonymous_id, timestamp, source FROM layout WHERE ${scope} AND source != 'internal' AND anonymous_id IN
      (SELECT anonymous_id FROM layout WHERE ${month} AND event_name = 'completed_checkout')) AS touch
    ON conversion.anonymous_id = touch.anonymous_id AND conversion.timestamp >= touch.timestamp
    GROUP BY touch.source`,
  conversions: `SELECT count(reached), quantilesExact(0.5, 0.9)(reached - first) FROM
    (SELECT person, toUnixTimestamp(min(timestamp)) AS first, toUnixTimestamp(minOrNullIf(timestamp, event_name = 'signup')) AS reached
     FROM ${people(scope)} GROUP BY person)`,
  devices: `SELECT user_id, arraySort(groupArray(anonymous_id)) AS visitors FROM (${links}) GROUP BY user_id HAVING length(visitors) > 1 ORDER BY user_id LIMIT 100`,
  funnel: `SELECT level, count() FROM
    (SELECT person, windowFunnel(2592000)(toDateTime(timestamp), event_name = 'signup', event_name = 'completed_checkout') AS level
     FROM ${people(`${scope} AND event_name IN ('signup', 'completed_checkout')`)} GROUP BY person)
    GROUP BY level`,
  retention: `SELECT weeks[1] AS cohort, arrayJoin(weeks) - cohort AS week, count() FROM
    (SELECT person, arraySort(groupUniqArray(toRelativeWeekNum(timestamp))) AS weeks FROM ${people(scope)} GROUP BY person)
    GROUP BY cohort, week`,
  "stored ids": stored,
};

export type Question = keyof typeof questions;
