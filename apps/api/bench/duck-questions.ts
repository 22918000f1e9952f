/** The first user that each visitor was. */
const owners =
  "(SELECT anonymous_id, arg_min(user_id, timestamp) AS owner FROM events WHERE user_id IS NOT NULL GROUP BY anonymous_id)";

/** What a team that picks DuckDB would write, and where our API answers the same. */
export const duckQuestions: { question: string; duck: string; ours: string }[] = [
  {
    question: "newest 100 events",
    duck: "SELECT * FROM events ORDER BY timestamp DESC, event_id DESC LIMIT 100",
    ours: "/v1/query?limit=100",
  },
  {
    question: "events by day and source",
    duck: "SELECT date_trunc('day', timestamp), source, count(*) FROM events GROUP BY ALL",
    ours: "/v1/stats?metric=count&interval=day&group_by=source",
  },
  {
    question: "unique people",
    duck: `SELECT count(DISTINCT coalesce(user_id, owner, anonymous_id)) FROM events LEFT JOIN ${owners} USING (anonymous_id)`,
    ours: "/v1/stats?metric=uniques&stitch=first_owner",
  },
  {
    question: "sessions by day",
    duck: `SELECT date_trunc('day', began), count(*) FROM (SELECT timestamp AS began FROM events
      QUALIFY coalesce(timestamp > lag(timestamp) OVER (PARTITION BY anonymous_id ORDER BY timestamp) + INTERVAL 30 MINUTE, true))
      GROUP BY ALL`,
    ours: "/v1/stats?metric=sessions&interval=day",
  },
  {
    question: "first touch of all users",
    duck: `WITH user_anons AS (SELECT DISTINCT user_id, anonymous_id FROM events WHERE user_id IS NOT NULL)
      SELECT u.user_id, arg_min(e.source, e.timestamp) AS source, arg_min(e.medium, e.timestamp) AS medium, min(e.timestamp) AS first_seen_at
      FROM events AS e JOIN user_anons AS u USING (anonymous_id)
      WHERE e.user_id IS NULL OR e.user_id = u.user_id
      GROUP BY u.user_id ORDER BY u.user_id LIMIT 100`,
    ours: "/v1/attribution/first-touch?stitch=all_devices",
  },
  {
    question: "one user's journey",
    duck: `SELECT * FROM events
      WHERE anonymous_id IN (SELECT anonymous_id FROM events WHERE user_id = 'user_42') AND (user_id IS NULL OR user_id = 'user_42')
      ORDER BY timestamp`,
    ours: "/v1/users/user_42/journey?stitch=all_devices",
  },
  {
    question: "users with several devices",
    duck: `SELECT user_id, list(DISTINCT anonymous_id) FROM events WHERE user_id IS NOT NULL
      GROUP BY user_id HAVING count(DISTINCT anonymous_id) > 1 ORDER BY user_id LIMIT 100`,
    ours: "/v1/devices",
  },
  {
    question: "funnel signup, checkout",
    duck: `SELECT count(*), count(*) FILTER (checkout > signup) FROM
      (SELECT coalesce(user_id, owner, anonymous_id) AS person,
        min(timestamp) FILTER (event_name = 'signup') AS signup, max(timestamp) FILTER (event_name = 'completed_checkout') AS checkout
       FROM events LEFT JOIN ${owners} USING (anonymous_id)
       WHERE event_name IN ('signup', 'completed_checkout') GROUP BY person)
      WHERE signup IS NOT NULL`,
    ours: "/v1/funnel?steps=signup,completed_checkout&stitch=first_owner",
  },
];
