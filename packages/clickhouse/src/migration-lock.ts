import { randomUUID } from "node:crypto";
import type { ClickHouse } from "./clickhouse.ts";
import { render, type Topology } from "./topology.ts";

/** Milliseconds after which a lock was left behind by a process that died. */
const staleAfter = 10 * 60_000;
const pollEvery = 500;

export interface MigrationLock {
  /** @throws Error when somebody took the lock for stale. */
  assertHeld(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Creating a table is atomic and fails when it exists: that is the lock, and its comment says whose it is and since when.
 * Waits for another migrator to finish.
 */
export async function acquireLock(clickhouse: ClickHouse, topology: Topology): Promise<MigrationLock> {
  const owner = `${randomUUID()} ${Date.now()}`;
  const create = `CREATE TABLE schema_migrations_lock (id UInt8) ENGINE = MergeTree ORDER BY id COMMENT '${owner}'`;
  while (true) {
    try {
      for (const statement of render(create, topology)) await clickhouse.command(statement);
      break;
    } catch (error) {
      const holder = await lockOwner(clickhouse);
      if (holder === undefined) {
        if (isAlreadyThere(error)) continue;
        throw error;
      }
      if (Date.now() - Number(holder.split(" ")[1]) > staleAfter) await dropLock(clickhouse);
      else await new Promise((resolve) => setTimeout(resolve, pollEvery));
    }
  }
  return {
    async assertHeld() {
      if ((await lockOwner(clickhouse)) !== owner) throw new Error("the migration lock was lost to another process");
    },
    async release() {
      if ((await lockOwner(clickhouse)) === owner) await dropLock(clickhouse);
    },
  };
}

const dropLock = (clickhouse: ClickHouse) => clickhouse.command("DROP TABLE IF EXISTS schema_migrations_lock SYNC");

async function lockOwner(clickhouse: ClickHouse): Promise<string | undefined> {
  const [row] = await clickhouse.lookUp<{ comment: string }>(
    "SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = 'schema_migrations_lock'",
  );
  return row?.comment;
}

const tableExists = "57";

function isAlreadyThere(error: unknown): boolean {
  return error instanceof Error && "code" in error && String(error.code) === tableExists;
}
