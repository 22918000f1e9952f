import { type MigrationStatus, migrate, migrationStatus } from "@millimetric/clickhouse";
import type { Config } from "../config.ts";
import { openClickHouse } from "../platform.ts";

export type Say = (text: string) => void;

/** Brings the schema of the configured ClickHouse to the newest version. */
export async function migrateUp(config: Config, say: Say): Promise<void> {
  const clickhouse = await openClickHouse(config);
  try {
    const applied = await migrate(clickhouse, { onProgress: (name) => say(`applying ${name}`) });
    say(applied.length === 0 ? "the schema is current" : `applied ${applied.length}, the schema is current`);
  } finally {
    await clickhouse.close();
  }
}

/** The state of each migration. The embedded engine takes one process, so a running API is asked in its place. */
export async function migrateStatus(config: Config, askApi: () => Promise<MigrationStatus[] | undefined>) {
  const running = config.server === undefined ? await askApi() : undefined;
  if (running !== undefined) return running;
  const clickhouse = await openClickHouse(config);
  try {
    return await migrationStatus(clickhouse);
  } finally {
    await clickhouse.close();
  }
}
