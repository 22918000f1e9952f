import type { Layout } from "./layout-list.ts";
import { devices, firstTouch, links, owners, scope, stored } from "./layout-questions.ts";
import { idHigh, idLow, idTime } from "./uuid-sql.ts";

/** The table of the migrations, asked for what its projections hold. */
export const chosen: Layout = {
  name: "as the migrations make it",
  table: () => "CREATE TABLE layout AS events_v1",
  stored: { event_id: { id: "event_id" }, received_at: { received: "received_at" } },
  ask: (sql) =>
    sql
      .replace(stored, storedByKey)
      .replace(firstTouch, firstTouchByNumber)
      .replaceAll(links, linksByProjection)
      .replaceAll(
        devices,
        devices.replace("anonymous_id", "linked_id").replace("user_id, anonymous_id", "user_id, linked_id"),
      )
      .replace("event_id DESC", "id_order DESC"),
};

const linksByProjection = `SELECT user_id, linked_id AS anonymous_id, min(timestamp) AS first_seen FROM layout
  WHERE ${scope} AND user_id IS NOT NULL GROUP BY user_id, linked_id`;

const ids = "(SELECT arrayJoin({ids:Array(String)}) AS id)";

const key = `${idLow("id")} + (${idTime("id")} * 4096 + bitAnd(${idHigh("id")}, 4095)) * 11400714819323198485`;

const storedByKey = `SELECT count() FROM (SELECT id_second, id_key FROM layout
  WHERE project_id IN ['bench'] AND id_second IN (SELECT toUInt32(intDiv(${idTime("id")}, 1000)) FROM ${ids}) AND id_key IN (SELECT ${key} FROM ${ids})
  GROUP BY project_id, id_second, id_key)`;

const firstTouchByNumber = `SELECT owner, source AS touch FROM
  (SELECT owner, toUInt64(min(number)) AS source_hash FROM
    (SELECT visitor, user_id, min(touch) AS number FROM layout WHERE ${scope} GROUP BY user_id IS NULL, visitor, user_id) AS pairs
    INNER JOIN (SELECT cityHash64(anonymous_id) AS visitor, owner FROM (${owners})) AS owners USING (visitor)
    WHERE user_id IS NULL OR user_id = owner GROUP BY owner) AS first
  INNER JOIN (SELECT source_hash, source FROM layout WHERE ${scope} GROUP BY source, medium, campaign, channel, source_hash) AS named USING (source_hash)`;
