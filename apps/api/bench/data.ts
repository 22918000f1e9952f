import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClickHouse, migrate, openEmbeddedClickHouse } from "@millimetric/clickhouse";
import { engineFolder } from "../src/config.ts";

const generate = readFileSync(new URL("./generate.sql", import.meta.url), "utf8");

/** Numbers to a statement: a block of this size is stored in a few seconds. */
const chunk = 500_000;

export interface Generated {
  table?: string;
  project: string;
  seed?: number;
  events: number;
  /** Events sent a second time, after all the others. */
  duplicates?: number;
}

/** Stores the events of one project, the same for the same parameters. */
export async function generateEvents(
  clickhouse: ClickHouse,
  { table = "events_v1", project, seed = 1, events, duplicates = 0 }: Generated,
): Promise<void> {
  for (let first = 0; first < events + duplicates; first += chunk) {
    const count = Math.min(chunk, events + duplicates - first);
    await clickhouse.command(generate, { table, project, seed, events, first, count });
  }
}

/** Shares of the nine projects beside the asked one, which together hold a tenth as much. */
const neighbours = [40, 20, 13, 9, 6, 5, 3, 2, 2];

export interface BenchData {
  clickhouse: ClickHouse;
  /** As DATA_DIR of the API. */
  dataDir: string;
  /** Takes the events away, unless they are to be kept. */
  remove(): void;
}

/** Events of ten projects of unequal size; `bench` has `events` of them. */
async function fill(clickhouse: ClickHouse, table: string, events: number): Promise<void> {
  await generateEvents(clickhouse, { table, project: "bench", events });
  for (const [index, share] of neighbours.entries()) {
    const size = Math.max(40, Math.round((events * share) / 1000 / 40) * 40);
    await generateEvents(clickhouse, { table, project: `neighbour-${index + 1}`, events: size });
  }
}

/**
 * Opens an engine over a folder whose `table` holds these events, made when they are not there.
 *
 * @param keep Folder to take them from, or to leave them in when they have to be made. Default: a temporary one.
 * @param prepare Makes the tables.
 */
async function openKept(
  table: string,
  events: number,
  keep: string | undefined,
  prepare: (clickhouse: ClickHouse) => Promise<unknown>,
): Promise<BenchData> {
  const dataDir = keep ?? mkdtempSync(join(tmpdir(), "millimetric-bench-"));
  const folder = engineFolder({ dataDir });
  const made = existsSync(folder);
  mkdirSync(dataDir, { recursive: true });
  // Without the limits of the API's reads: what it is compared with may need more.
  const clickhouse = await openEmbeddedClickHouse(folder, { maxExecutionTime: 0, maxMemoryUsage: 0 });
  if (!made) {
    await prepare(clickhouse);
    await fill(clickhouse, table, events);
    // What background merges come to in time.
    await clickhouse.command(`OPTIMIZE TABLE ${table} FINAL SETTINGS max_execution_time = 0, alter_sync = 0`);
  }
  const [kept] = await clickhouse.query<{ events: number }>(
    `SELECT count() AS events FROM ${table} WHERE project_id = 'bench'`,
  );
  if (kept?.events !== events) {
    throw new Error(`${folder} keeps ${kept?.events} events, not ${events}: ask for as many, or name another folder`);
  }
  return {
    clickhouse,
    dataDir,
    remove() {
      if (keep === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Events in the schema of the migrations, and the project for the API. */
export async function openBenchData(events: number, keep?: string): Promise<BenchData> {
  const data = await openKept("events_v1", events, keep, migrate);
  const project = { project_id: "bench", name: "bench", allowed_origins: [], settings: "{}" };
  await data.clickhouse.insert({ table: "projects_v1", lines: [JSON.stringify(project)], token: randomUUID() });
  return data;
}

/** Events in `source`, in the order in which they arrived, to be stored in other layouts; `layout` makes the table of these. */
export const openLayoutData = (events: number, keep: string | undefined, layout: string) =>
  openKept("source", events, keep, async (clickhouse) => {
    await migrate(clickhouse);
    await clickhouse.command(
      layout
        .replace("CREATE TABLE layout", "CREATE TABLE source")
        // Events are written under the names that events_v1 gives them.
        .replace("    event_id String", "    id String, event_id String ALIAS id")
        .replace(
          "    received_at DateTime64(3, 'UTC')",
          "    received_at DateTime64(3, 'UTC') ALIAS received, received DateTime64(3, 'UTC')",
        )
        .replace(/PARTITION BY .*\n/, "")
        .replace(/ORDER BY .*/, "ORDER BY received"),
    );
  });
