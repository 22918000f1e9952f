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

/**
 * Events of ten projects of unequal size; `bench` has `events` of them.
 *
 * @param keep Folder to take them from, or to leave them in when they have to be made. Default: a temporary one.
 */
export async function openBenchData(events: number, keep?: string): Promise<BenchData> {
  const dataDir = keep ?? mkdtempSync(join(tmpdir(), "millimetric-bench-"));
  const folder = engineFolder({ dataDir });
  const made = existsSync(folder);
  mkdirSync(dataDir, { recursive: true });
  const clickhouse = await openEmbeddedClickHouse(folder);
  await migrate(clickhouse);
  if (!made) {
    await generateEvents(clickhouse, { project: "bench", events });
    for (const [index, share] of neighbours.entries()) {
      const size = Math.max(40, Math.round((events * share) / 1000 / 40) * 40);
      await generateEvents(clickhouse, { project: `neighbour-${index + 1}`, events: size });
    }
    // What background merges come to in time.
    await clickhouse.command("OPTIMIZE TABLE events_v1 FINAL SETTINGS max_execution_time = 0, alter_sync = 0");
  }
  const project = { project_id: "bench", name: "bench", allowed_origins: [], settings: "{}" };
  await clickhouse.insert({ table: "projects_v1", lines: [JSON.stringify(project)], token: randomUUID() });
  return {
    clickhouse,
    dataDir,
    remove() {
      if (keep === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
