import type { ClickHouse } from "./clickhouse.ts";
import { renderForCluster } from "./cluster-ddl.ts";

/** Where the schema lives: one server (or the embedded engine), or shards of replicas that share statements through Keeper. */
export type Topology = { kind: "single" } | Cluster;

export interface Cluster {
  kind: "cluster";
  database: string;
  /** Name of the cluster in the servers' configuration; `{cluster}` stands for what the macro of that name says. */
  cluster: string;
}

/**
 * What the connection's database is made for. In a Replicated database every statement reaches every server, so tables share their data
 * and are spread over the shards that there are. The macro `cluster` names them; without it, the cluster that ClickHouse makes of the
 * database does.
 */
export async function topologyOf(clickhouse: Pick<ClickHouse, "lookUp">): Promise<Topology> {
  const [found] = await clickhouse.lookUp<{ engine: string; database: string; named: number }>(
    `SELECT engine, name AS database, (SELECT count() FROM system.macros WHERE macro = 'cluster') AS named
     FROM system.databases WHERE name = currentDatabase()`,
  );
  if (found?.engine !== "Replicated") return { kind: "single" };
  const { database, named } = found;
  return { kind: "cluster", database, cluster: named > 0 ? "{cluster}" : database };
}

/** A statement of a migration as this topology needs it, as one or more: the files name plain engines and one table for all. */
export function render(statement: string, topology: Topology): string[] {
  return topology.kind === "single" ? [statement] : renderForCluster(statement, topology);
}
