import { type ClickHouse, migrationStatus } from "@millimetric/clickhouse";

/** Milliseconds a good answer of the schema check is kept. */
const schemaKnownFor = 30_000;

export interface Readiness {
  /** Why this instance should get no traffic; empty when it should. */
  reasonsAgainst(): Promise<string[]>;
  /** From now on it is not ready: it is about to stop. */
  drain(): void;
}

export function createReadiness(clickhouse: ClickHouse): Readiness {
  let draining = false;
  let schemaGoodUntil = 0;

  async function schemaProblem(): Promise<string | undefined> {
    if (Date.now() < schemaGoodUntil) return undefined;
    const behind = (await migrationStatus(clickhouse)).filter(
      ({ state }) => state !== "applied" && state !== "unknown",
    );
    if (behind.length > 0)
      return `schema is not current: ${behind.map(({ name, state }) => `${name} ${state}`).join(", ")}`;
    schemaGoodUntil = Date.now() + schemaKnownFor;
    return undefined;
  }

  return {
    async reasonsAgainst() {
      if (draining) return ["shutting down"];
      try {
        if (!(await clickhouse.ping())) return ["ClickHouse does not answer"];
        const problem = await schemaProblem();
        return problem === undefined ? [] : [problem];
      } catch {
        return ["ClickHouse does not answer"];
      }
    },
    drain() {
      draining = true;
    },
  };
}
