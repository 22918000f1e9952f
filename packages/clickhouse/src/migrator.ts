import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { ClickHouse } from "./clickhouse.ts";
import { acquireLock } from "./migration-lock.ts";
import { render, type Topology, topologyOf } from "./topology.ts";

export interface Migration {
  /** `0001_create_events` */
  name: string;
  /** SHA-256 of the file, hex. */
  checksum: string;
  statements: readonly string[];
}

export interface MigrationStatus {
  name: string;
  state: "applied" | "partial" | "pending" | "changed" | "unknown";
  applied_at: string | null;
}

/** A migration on disk differs from the one that was applied, or the database knows one that we do not. */
export class MigrationError extends Error {
  readonly code = "migration_mismatch";
}

const folder = new URL("../migrations/", import.meta.url);

/** Every migration in the package, in order. */
export function readMigrations(from: URL = folder): Migration[] {
  return readdirSync(from)
    .filter((file) => /^\d{4}_\w+\.sql$/.test(file))
    .sort()
    .map((file) => {
      const sql = readFileSync(new URL(file, from), "utf8");
      return {
        name: file.replace(/\.sql$/, ""),
        checksum: createHash("sha256").update(sql).digest("hex"),
        statements: splitStatements(sql),
      };
    });
}

/** Statements end with a semicolon at the end of a line. */
function splitStatements(sql: string): string[] {
  return sql
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement.split("\n").some((line) => line.trim() !== "" && !line.trim().startsWith("--")));
}

const createJournal = `
CREATE TABLE IF NOT EXISTS schema_migrations
(
    name String,
    checksum String,
    statements_done UInt32,
    statements_all UInt32,
    applied_at DateTime64(6, 'UTC') DEFAULT now64(6)
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY name`;

interface JournalRow {
  name: string;
  checksum: string;
  statements_done: number;
  statements_all: number;
  applied_at: string;
}

async function readJournal(clickhouse: ClickHouse): Promise<Map<string, JournalRow>> {
  const rows = await clickhouse.lookUp<JournalRow>(
    "SELECT name, checksum, statements_done, statements_all, applied_at FROM schema_migrations FINAL",
  );
  return new Map(rows.map((row) => [row.name, row]));
}

/** State of each migration, in order; those that only the database knows come last as `unknown`. Changes nothing. */
export async function migrationStatus(
  clickhouse: ClickHouse,
  migrations: readonly Migration[] = readMigrations(),
): Promise<MigrationStatus[]> {
  const [table] = await clickhouse.lookUp<{ exists: number }>(
    "SELECT count() AS exists FROM system.tables WHERE database = currentDatabase() AND name = 'schema_migrations'",
  );
  const journal = table?.exists ? await readJournal(clickhouse) : new Map<string, JournalRow>();
  const known = migrations.map(({ name, checksum }): MigrationStatus => {
    const row = journal.get(name);
    if (row === undefined) return { name, state: "pending", applied_at: null };
    if (row.checksum !== checksum) return { name, state: "changed", applied_at: row.applied_at };
    return {
      name,
      state: row.statements_done < row.statements_all ? "partial" : "applied",
      applied_at: row.applied_at,
    };
  });
  const names = new Set(migrations.map(({ name }) => name));
  const unknown = [...journal.values()]
    .filter(({ name }) => !names.has(name))
    .map(({ name, applied_at }): MigrationStatus => ({ name, state: "unknown", applied_at }));
  return [...known, ...unknown];
}

export interface MigrateOptions {
  migrations?: readonly Migration[];
  /** Default: what the database is made for. */
  topology?: Topology;
  /** Called before each migration that has something to do. */
  onProgress?: (name: string) => void;
}

/**
 * Brings the schema to the newest version and returns the names of the migrations it applied. Safe to run at the same time
 * from several processes, and again after a failure: it goes on with the statement that did not succeed.
 *
 * @throws MigrationError when an applied migration was edited.
 */
export async function migrate(clickhouse: ClickHouse, options: MigrateOptions = {}): Promise<string[]> {
  const { migrations = readMigrations(), topology = await topologyOf(clickhouse), onProgress } = options;
  for (const statement of render(createJournal, topology)) await clickhouse.command(statement);
  const lock = await acquireLock(clickhouse, topology);
  try {
    const journal = await readJournal(clickhouse);
    const applied: string[] = [];
    for (const migration of migrations) {
      const row = journal.get(migration.name);
      if (row !== undefined && row.checksum !== migration.checksum && row.statements_done === row.statements_all)
        throw new MigrationError(`${migration.name} was edited after it was applied; add a new migration instead`);
      const resumeAt = row?.checksum === migration.checksum ? row.statements_done : 0;
      if (resumeAt === migration.statements.length) continue;
      onProgress?.(migration.name);
      for (const [index, statement] of migration.statements.entries()) {
        if (index < resumeAt) continue;
        await lock.assertHeld();
        for (const rendered of render(statement, topology)) await clickhouse.command(rendered);
        await recordProgress(clickhouse, migration, index + 1);
      }
      applied.push(migration.name);
    }
    return applied;
  } finally {
    await lock.release();
  }
}

async function recordProgress(clickhouse: ClickHouse, migration: Migration, done: number): Promise<void> {
  const { name, checksum, statements } = migration;
  const row = { name, checksum, statements_done: done, statements_all: statements.length };
  await clickhouse.insert({ table: "schema_migrations", lines: [JSON.stringify(row)], token: randomUUID() });
}
