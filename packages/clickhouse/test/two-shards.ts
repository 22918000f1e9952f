import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Session } from "chdb";
import { localName, shardingKeys } from "../src/cluster-ddl.ts";
import { type ClickHouse, type Cluster, defaultQueryLimits, migrate, openEmbeddedClickHouse } from "../src/index.ts";

export const cluster: Cluster = { kind: "cluster", database: "default", cluster: "{cluster}" };

// Both addresses are this engine itself: no connection is opened, and everything else is as between servers.
const config = `<clickhouse>
  <tcp_port>9000</tcp_port>
  <macros><cluster>all</cluster><shard>0</shard><replica>0</replica></macros>
  <remote_servers><all>
    ${"<shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard>".repeat(2)}
  </all></remote_servers>
</clickhouse>`;

/** Without a Keeper there are no replicas: the same tables, plain. Two shards are one table until `spread`, so no block is a repeated one. */
export const plainEngines = (statement: string): string =>
  statement
    .replace(/ENGINE = Replicated(\w+)\('\/clickhouse[^']*', '[^']*'(?:, )?/, "ENGINE = $1(")
    .replace("ENGINE = Replicated", "ENGINE = ")
    .replace(/\breplicated_deduplication_window = \d+/, "non_replicated_deduplication_window = 0");

/** Columns that `*` leaves out. */
const derived =
  "event_id, received_at, id_order, id_second, id_key, server_user_id, linked_id, visitor, source_hash, touch";

/**
 * One engine that plays two shards: each is a database of its own, and what a server holds of a table is read from the
 * database of the shard that is being asked.
 */
export async function openTwoShards(): Promise<ClickHouse & { spread(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "two-shards-"));
  const file = join(folder, "config.xml");
  writeFileSync(file, config);
  const path = join(folder, "data");
  // The first session of a process configures the engine; the connections that follow share it.
  const session = new Session(path, { connectionArgs: [`--config-file=${file}`] });
  const engine = await openEmbeddedClickHouse(path, { ...defaultQueryLimits, maxExecutionTime: 250 });
  const clickhouse: ClickHouse = { ...engine, command: (sql, params) => engine.command(plainEngines(sql), params) };
  await migrate(clickhouse, { topology: cluster });
  return {
    ...clickhouse,
    /** Puts what was inserted on its shards; nothing can be inserted afterwards. */
    async spread() {
      for (const [table, key] of Object.entries(shardingKeys)) {
        const local = localName(table);
        for (const shard of [0, 1]) {
          await engine.command(`CREATE DATABASE IF NOT EXISTS shard_${shard}`);
          await engine.command(`CREATE TABLE shard_${shard}.${local} AS ${local}`);
          await engine.command(
            `INSERT INTO shard_${shard}.${local} SELECT * FROM ${local} WHERE ${key} % 2 = ${shard}`,
          );
        }
        await engine.command(`DROP TABLE ${local} SYNC`);
        const part = (shard: number) =>
          `SELECT *, ${derived} FROM shard_${shard}.${local} WHERE shardNum() = ${shard + 1}`;
        await engine.command(`CREATE VIEW ${local} AS ${part(0)} UNION ALL ${part(1)}`);
        // What reads a projection names its database.
        for (const { name, as_select } of await engine.query<{ name: string; as_select: string }>(
          `SELECT name, as_select FROM system.tables WHERE database = 'default' AND as_select LIKE '%mergeTreeProjection(''default'', ''${local}''%'`,
        )) {
          const stored = (shard: number) =>
            `SELECT * FROM (${as_select.replace("mergeTreeProjection('default'", `mergeTreeProjection('shard_${shard}'`)}) WHERE shardNum() = ${shard + 1}`;
          await engine.command(`CREATE OR REPLACE VIEW ${name} AS ${stored(0)} UNION ALL ${stored(1)}`);
        }
      }
    },
    async close() {
      await engine.close();
      session.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
