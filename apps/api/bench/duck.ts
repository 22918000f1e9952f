import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { ClickHouse } from "@millimetric/clickhouse";
import { quantile, whole } from "./measure.ts";
import { duckQuestions } from "./seed-sql.ts";

/** The same events in DuckDB, asked the same questions; prints a line for each. */
export async function benchDuck(clickhouse: ClickHouse, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "millimetric-duck-"));
  try {
    const parquet = join(folder, "events.parquet");
    // Longer than a request may write.
    await clickhouse.command(
      `INSERT INTO FUNCTION file('${parquet}', Parquet) SETTINGS max_execution_time = 0
       SELECT event_id, timestamp, event_name, anonymous_id, user_id, source, medium, campaign, channel, url, path, properties
       FROM events_v1 WHERE project_id = 'bench'`,
    );
    const file = join(folder, "events.duckdb");
    const database = await DuckDBInstance.create(file, { threads: "2", memory_limit: "4GB" });
    const duck = await database.connect();
    const load = performance.now();
    await duck.run(`CREATE TABLE events AS SELECT * FROM read_parquet('${parquet}')`);
    await duck.run("CHECKPOINT");
    console.log(
      `\nDuckDB, loaded from Parquet in ${whole(performance.now() - load)} ms, ${whole(statSync(file).size / 1e6)} MB`,
    );
    for (const [question, sql] of Object.entries(duckQuestions)) {
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const start = performance.now();
        await (await duck.run(sql)).getRows();
        times.push(performance.now() - start);
      }
      times.sort((a, b) => a - b);
      const shown = [0.5, 0.95].map((share) => `p${share * 100} ${whole(quantile(times, share))} ms`.padStart(14));
      console.log(`  ${question.padEnd(52)}${shown.join("")}`);
    }
    duck.closeSync();
    database.closeSync();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
