import type { ClickHouse, Params } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import type { Stitch } from "./scope.ts";

/**
 * What reads of a few people go through: the same rows as the view stitched_events (migration 0008) gives of these visitors, by the same
 * rules, from one look at their rows by primary key. A link is a row that carries both ids, so whose a visitor's events are follows from
 * the visitor's own rows.
 *
 * It is put into a statement as text, because a view takes longer to plan than such rows to read.
 */

/** How queries name every event with its owner. */
const everybody =
  "stitched_events(project_id = {project_id:String}, env = {env:String}, stitch = {stitch:String}, devices = {devices:Array(String)})";

const ofVisitor = "PARTITION BY anonymous_id";
/** Several users at one instant: by name. A row that makes no link has no `link`, and is passed over. */
const first = "argMin(link, (timestamp, link))";
const last = "argMax(link, (timestamp, link))";

const ownerBy: Record<Stitch, string> = {
  time_sliced: `coalesce(
        user_id,
        ${first} OVER (${ofVisitor} ORDER BY timestamp DESC RANGE UNBOUNDED PRECEDING),
        ${last} OVER (${ofVisitor})
    )`,
  first_owner: `coalesce(user_id, ${first} OVER (${ofVisitor}))`,
  all_devices: `arrayJoin(if(
        user_id IS NULL, emptyArrayToSingle(CAST(groupUniqArray(link) OVER (${ofVisitor}), 'Array(Nullable(String))')), [user_id]
    ))`,
};

const notVoid = `(anonymous_id, assumeNotNull(user_id)) NOT IN
        (SELECT anonymous_id, user_id FROM void_links WHERE project_id = {project_id:String} AND env = {env:String})`;

const notHidden = "event_id NOT IN (SELECT event_id FROM hidden_events_v1 WHERE project_id = {project_id:String})";

/** Columns that `*` leaves out; each takes longer to plan than to read. */
const computed = ["event_id", "id_order", "received_at", "server_user_id"];

/** The rows of these visitors. */
const theirs = (devices: readonly string[]) => `
    FROM events_v1
    WHERE project_id = {project_id:String} AND env = {env:String} AND anonymous_id IN {devices:Array(String)}
        ${devices.includes("") ? "AND server_user_id IN arrayPushFront({user_ids:Array(String)}, '')" : ""}`;

const linkOf = (excepted: boolean) =>
  `if(anonymous_id != ''${excepted ? ` AND ${notVoid}` : ""}, user_id, NULL) AS link`;

/** Visitors to look at. */
export interface Visitors {
  /** None: all of them, when they are more than one bound value can hold. */
  devices: string[];
  /** Of events that servers sent without a visitor, those of these users. */
  user_ids: string[];
  /** Whether anything of the project is left out of reads: withdrawn links, people who are being forgotten. */
  excepted: boolean;
}

/** The statement over these visitors' rows alone. `exclusive`: the rows are here, not on shards. */
export function amongVisitors(
  sql: string,
  { devices, excepted }: Omit<Visitors, "user_ids">,
  stitch: Stitch,
  exclusive: boolean,
): string {
  if (!sql.includes(everybody)) throw new Error("this statement does not ask for events with their owners");
  if (devices.length === 0) return sql;
  if (exclusive && !excepted && isRowByRow(sql)) return inOneStep(sql, devices, stitch);
  const columns = computed.filter((column) => sql.includes(column) || (excepted && column === "event_id"));
  const stitched = `
SELECT *, ${ownerBy[stitch]} AS owner
FROM
(
    SELECT ${["*", ...columns].join(", ")}, ${linkOf(excepted)}${theirs(devices)}
)`;
  return sql.replace(everybody, () => `(${excepted ? `SELECT * FROM (${stitched}) WHERE ${notHidden}` : stitched})`);
}

const conditions = `FROM ${everybody}\nWHERE`;

const isRowByRow = (sql: string) => sql.includes(conditions) && !sql.includes("GROUP BY");

/**
 * Takes a sixth less time. A server of a cluster that is asked for a window over a column which is not stored answers with other columns.
 */
const inOneStep = (sql: string, devices: readonly string[], stitch: Stitch) =>
  `WITH ${linkOf(false)}, ${ownerBy[stitch]} AS owner
${sql.replace(conditions, () => `${theirs(devices)}\nQUALIFY`)}`;

/** The engine's MEMORY_LIMIT_EXCEEDED. */
const tooMuchMemory = "241";

/**
 * Asks a query of these visitors. Their rows are held all at once; where they are too many for that (above a million), the view is asked,
 * which takes longer and holds none.
 */
export async function askAmong<Row>(
  clickhouse: ClickHouse,
  name: string,
  visitors: Visitors,
  params: Params & { stitch: Stitch },
): Promise<Row[]> {
  const sql = loadSql(name);
  const given = { ...params, ...visitors };
  try {
    return await clickhouse.query<Row>(amongVisitors(sql, visitors, params.stitch, clickhouse.exclusive), given);
  } catch (error) {
    if (codeOf(error) !== tooMuchMemory) throw error;
    return clickhouse.query<Row>(sql, given);
  }
}

/** What a server answered, or the engine in this process. */
function codeOf(error: unknown): string {
  const { code, clickhouseCode } = Object(error) as { code?: unknown; clickhouseCode?: unknown };
  return String(clickhouseCode ?? code);
}
