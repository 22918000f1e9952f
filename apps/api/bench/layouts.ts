import { readFileSync } from "node:fs";
import type { ClickHouse, Params } from "@millimetric/clickhouse";
import { readArguments } from "./arguments.ts";
import { openBenchData } from "./data.ts";
import { type Layout, layouts } from "./layout-list.ts";
import { measure, quantile, whole } from "./measure.ts";

const questions = {
  "one visitor":
    "SELECT count(), max(timestamp) FROM layout WHERE project_id = 'bench' AND env = 'live' AND anonymous_id = {visitor:String}",
  "one day":
    "SELECT event_name, count() FROM layout WHERE project_id = 'bench' AND env = 'live' AND timestamp >= '2026-02-10' AND timestamp < '2026-02-11' GROUP BY event_name",
  links:
    "SELECT count() FROM (SELECT user_id, anonymous_id, min(timestamp) FROM layout WHERE project_id = 'bench' AND env = 'live' AND user_id IS NOT NULL GROUP BY user_id, anonymous_id)",
  "stored ids": "SELECT count() FROM layout WHERE project_id IN ['bench'] AND event_id IN {ids:Array(String)}",
};

const plainTable = () => {
  const sql = readFileSync(
    new URL("../../../packages/clickhouse/migrations/0001_create_events.sql", import.meta.url),
    "utf8",
  );
  return sql
    .slice(sql.indexOf("CREATE TABLE"), sql.lastIndexOf(";"))
    .replace("events_v1", "layout")
    .replace(/,\s*-- Exactly once: is this event id[\s\S]*?\n\)\nENGINE/, "\n)\nENGINE");
};

/** What other layouts of events would cost and give, on the same events:  layouts [events] [--data folder] [--rounds n] */
export async function benchLayouts(args: string[]): Promise<void> {
  const { events, data, rounds } = readArguments(args, 1_000_000);
  const { clickhouse, remove } = await openBenchData(events, data);
  console.log(`\n| ${whole(events)} events | ingest | bytes per event | ${Object.keys(questions).join(" | ")} |`);
  console.log(`| --- | ---: | ---: |${" ---: |".repeat(Object.keys(questions).length)}`);
  const some = await clickhouse.query<{ event_id: string; anonymous_id: string }>(
    "SELECT event_id, anonymous_id FROM events_v1 WHERE project_id = 'bench' LIMIT 100",
  );
  const params = { visitor: some[0]?.anonymous_id ?? "", ids: some.map(({ event_id }) => event_id) };
  for (const layout of layouts) await show(clickhouse, layout, rounds, params);
  await clickhouse.close();
  remove();
}

async function show(
  clickhouse: ClickHouse,
  { name, table = (sql) => sql, after = [] }: Layout,
  rounds: number,
  params: Params,
) {
  for (const gone of ["VIEW IF EXISTS layout_view", "TABLE IF EXISTS layout"]) await clickhouse.command(`DROP ${gone}`);
  await clickhouse.command(table(plainTable()));
  for (const statement of after) await clickhouse.command(statement);
  const columns = (
    await clickhouse.query<{ name: string }>(
      "SELECT name FROM system.columns WHERE table = 'layout' AND default_kind != 'MATERIALIZED' AND database = currentDatabase()",
    )
  ).map((column) => column.name);
  const values = columns.map((column) =>
    column === "user_id" && name.includes("''") ? "ifNull(user_id, '')" : column,
  );
  const ingest = await measure(clickhouse, 1, () =>
    clickhouse.command(
      `INSERT INTO layout (${columns.join(", ")}) SETTINGS max_execution_time = 0 SELECT ${values.join(", ")} FROM events_v1`,
    ),
  );
  await clickhouse.command("OPTIMIZE TABLE layout FINAL SETTINGS max_execution_time = 0, alter_sync = 0");
  const [size] = await clickhouse.query<{ bytes: number }>(
    "SELECT round(sum(bytes_on_disk) / sum(rows), 1) AS bytes FROM system.parts WHERE table = 'layout' AND active AND database = currentDatabase()",
  );
  const cells = [`${whole(ingest.cpu)} ms`, String(size?.bytes ?? 0)];
  for (const sql of Object.values(questions)) {
    const final = name.includes("FINAL") ? sql.replace("FROM layout", "FROM layout FINAL") : sql;
    const nulls = name.includes("''") ? final.replace("user_id IS NOT NULL", "user_id != ''") : final;
    const asked =
      name.includes("table of their own") && sql === questions.links
        ? "SELECT count() FROM (SELECT user_id, anonymous_id, min(first_seen) FROM layout_links WHERE project_id = 'bench' AND env = 'live' GROUP BY user_id, anonymous_id)"
        : nulls;
    const measured = await measure(clickhouse, rounds, () => clickhouse.query(asked, params));
    cells.push(`${whole(quantile(measured.times, 0.5))} ms, ${whole(measured.rows)} rows`);
  }
  console.log(`| ${name} | ${cells.join(" | ")} |`);
}
