/** Where the schema lives: one server (or the embedded engine), or replicas that share it through Keeper. */
export type Topology = { kind: "single" } | { kind: "replicated" };

const engine = /\bENGINE = (\w*MergeTree)\b/g;

/** A statement of a migration as this topology needs it: the files name plain engines, replicas get the Replicated ones. */
export function render(statement: string, topology: Topology): string {
  if (topology.kind === "single") return statement;
  return statement
    .replace(engine, "ENGINE = Replicated$1")
    .replace("non_replicated_deduplication_window", "replicated_deduplication_window");
}
