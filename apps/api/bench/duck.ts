import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { ClickHouse } from "@millimetric/clickhouse";
import type { Platform } from "../src/platform.ts";
import { duckQuestions } from "./duck-questions.ts";
import { asker } from "./endpoints.ts";
import { quantile, whole } from "./measure.ts";

/** The same events in DuckDB, asked the same questions; a line for each, beside the time of our endpoint. */
export async function benchDuck(platform: Platform, unbounded: ClickHouse, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "millimetric-duck-"));
  try {
    const parquet = join(folder, "events.parquet");
    // Longer than a request may write. Our reads leave bots out.
    await unbounded.command(
      `INSERT INTO FUNCTION file('${parquet}', Parquet) SETTINGS max_execution_time = 0
       SELECT event_id, timestamp, event_name, anonymous_id, user_id, source, medium, campaign, channel, url, path, properties
       FROM events WHERE project_id = 'bench' AND NOT is_bot`,
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
    const ask = await asker(platform, rounds);
    for (const { question, duck: sql, ours } of duckQuestions) {
      const times: number[] = [];
      for (let round = 0; round < rounds; round++) {
        const start = performance.now();
        await (await duck.run(sql)).getRows();
        times.push(performance.now() - start);
      }
      times.sort((a, b) => a - b);
      const { measured, status } = await ask(ours);
      const shown = [times, measured.times].map((of) => `${whole(quantile(of, 0.5))} ms`.padStart(11));
      console.log(
        `  ${question.padEnd(28)}DuckDB${shown[0]}   ours${shown[1]}  ${ours}${status === 200 ? "" : ` HTTP ${status}`}`,
      );
    }
    duck.closeSync();
    database.closeSync();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
