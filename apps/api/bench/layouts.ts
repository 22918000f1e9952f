import { readFileSync } from "node:fs";
import type { ClickHouse, Params } from "@millimetric/clickhouse";
import { readArguments } from "./arguments.ts";
import { openLayoutData } from "./data.ts";
import { type Layout, layouts } from "./layout-list.ts";
import { questions } from "./layout-questions.ts";
import { brief, measure, whole } from "./measure.ts";

const plain = readFileSync(new URL("./layout.sql", import.meta.url), "utf8");

/** The newest of a hundred events are left in parts of their own, as they are while events come in. */
const freshParts = 10;

/** What other layouts of events would cost and give, on the same events:  layouts [events] [--data folder] [--rounds n] [--only pattern] */
export async function benchLayouts(args: string[]): Promise<void> {
  const { events, data, rounds, only } = readArguments(args, 2_000_000);
  const { clickhouse, remove } = await openLayoutData(events, data, plain);
  const [settled] = await clickhouse.query<{ at: string }>(
    "SELECT toString(quantile(0.99)(received_at)) AS at FROM source",
  );
  const params = await somebody(clickhouse);
  console.log(
    `\n| ${whole(events)} events: processor ms / rows read | ingest | bytes | ${Object.keys(questions).join(" | ")} |`,
  );
  console.log(`| --- |${" ---: |".repeat(2 + Object.keys(questions).length)}`);
  const answers = await rightAnswers(clickhouse, params);
  for (const layout of layouts.filter(({ name }) => only.test(name))) {
    const stored = await store(clickhouse, layout, settled?.at ?? "");
    const cells = [whole((stored.cpu / events) * 1e6), stored.bytes];
    for (const sql of layout.asked === false ? [] : Object.values(questions)) {
      const asked = layout.ask?.(sql) ?? sql;
      let answer: unknown[] = [];
      const ask = async () => {
        answer = await clickhouse.query(asked, params);
      };
      const { cpu, rows } = await measure(clickhouse, rounds, ask, false);
      cells.push(`${whole(cpu)} / ${brief(rows)}${comparable(answer) === answers.get(sql) ? "" : " ≠"}`);
    }
    console.log(`| ${layout.name} | ${cells.join(" | ")} |`);
  }
  await drop(clickhouse);
  await clickhouse.close();
  remove();
}

/** A user with two visitors, one of these, and ids of events that arrive now, of which half are stored. */
async function somebody(clickhouse: ClickHouse): Promise<Params> {
  const [user] = await clickhouse.query<{ user_id: string; visitor: string }>(
    `SELECT user_id, any(anonymous_id) AS visitor FROM source WHERE project_id = 'bench' AND user_id IS NOT NULL
     GROUP BY user_id HAVING uniqExact(anonymous_id) = 2 ORDER BY user_id LIMIT 1`,
  );
  const stored = await clickhouse.query<{ event_id: string }>(
    "SELECT event_id FROM source WHERE project_id = 'bench' ORDER BY received_at DESC LIMIT 50",
  );
  const ids = stored.flatMap(({ event_id }) => [event_id, event_id.replace(/.{6}$/, "abcdef")]);
  return { user: user?.user_id ?? "", visitor: user?.visitor ?? "", ids };
}

/** In any order, and with NULL as ''. */
const comparable = (answer: unknown[]) =>
  answer
    .map((row) => JSON.stringify(row, (_, value) => value ?? ""))
    .sort()
    .join();

/** What every layout must answer: the same questions to the events as they arrived. */
async function rightAnswers(clickhouse: ClickHouse, params: Params) {
  const answers = new Map<string, string>();
  for (const sql of Object.values(questions))
    answers.set(sql, comparable(await clickhouse.query(sql.replaceAll("FROM layout ", "FROM source "), params)));
  return answers;
}

/** Everything of a layout that was there before. Views first: they name the tables. */
async function drop(clickhouse: ClickHouse) {
  const tables = await clickhouse.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'layout%' ORDER BY engine != 'MaterializedView'",
  );
  for (const { name } of tables) await clickhouse.command(`DROP TABLE ${name} SYNC`);
}

/** Milliseconds of processor time until events are stored and merged, and bytes of an event in all tables. */
async function store(
  clickhouse: ClickHouse,
  { table = (sql) => sql, after = [], stored = {} }: Layout,
  settled: string,
) {
  await drop(clickhouse);
  await clickhouse.command(table(plain));
  for (const statement of after) await clickhouse.command(statement);
  const columns = await clickhouse.query<{ name: string }>(
    "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'source' AND name NOT IN ('id', 'received')",
  );
  const values = Object.assign({}, ...columns.map(({ name }) => stored[name] ?? { [name]: name }));
  const insert = `INSERT INTO layout (${Object.keys(values).join(", ")}) SETTINGS max_execution_time = 0 SELECT ${Object.values(values).join(", ")} FROM source`;
  const tables = await clickhouse.query<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'layout%' AND engine LIKE '%MergeTree'",
  );
  const { cpu } = await measure(
    clickhouse,
    1,
    async () => {
      await clickhouse.command(`${insert} WHERE received_at < {settled:DateTime64(3, 'UTC')}`, { settled });
      for (const { name } of tables)
        await clickhouse.command(`OPTIMIZE TABLE ${name} FINAL SETTINGS max_execution_time = 0, alter_sync = 0`);
    },
    false,
  );
  for (const { name } of tables) await clickhouse.command(`SYSTEM STOP MERGES ${name}`);
  for (let part = 0; part < freshParts; part++)
    await clickhouse.command(
      `${insert} WHERE received_at >= {settled:DateTime64(3, 'UTC')} AND cityHash64(anonymous_id) % ${freshParts} = ${part}`,
      { settled },
    );
  const [size] = await clickhouse.query<{ bytes: number }>(
    `SELECT round(sumIf(bytes_on_disk, table LIKE 'layout%') / sumIf(rows, table = 'layout'), 1) AS bytes
     FROM system.parts WHERE database = currentDatabase() AND active`,
  );
  return { cpu, bytes: String(size?.bytes ?? 0) };
}
