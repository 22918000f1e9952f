import type { ClickHouse } from "./clickhouse.ts";

/** Where the schema lives: one server (or the embedded engine), or replicas that share it through Keeper. */
export type Topology = { kind: "single" } | { kind: "replicated" };

const engine = /\bENGINE = (\w*MergeTree)\b/g;

/** What the connection's database is made for: a Replicated database shares every statement, so its tables must share data. */
export async function topologyOf(clickhouse: Pick<ClickHouse, "lookUp">): Promise<Topology> {
  const [database] = await clickhouse.lookUp<{ engine: string }>(
    "SELECT engine FROM system.databases WHERE name = currentDatabase()",
  );
  return { kind: database?.engine === "Replicated" ? "replicated" : "single" };
}

/** A statement of a migration as this topology needs it: the files name plain engines, replicas get the Replicated ones. */
export function render(statement: string, topology: Topology): string {
  if (topology.kind === "single") return statement;
  return statement
    .replace(engine, "ENGINE = Replicated$1")
    .replace("non_replicated_deduplication_window", "replicated_deduplication_window");
}
