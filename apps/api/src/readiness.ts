import { type ClickHouse, migrationStatus } from "@millimetric/clickhouse";
import { inTime } from "./in-time.ts";

/** Milliseconds a good answer of the schema check is kept. */
const schemaKnownFor = 30_000;

/** Milliseconds that a check waits for ClickHouse; load balancers give up after a few seconds themselves. */
const patience = 2_000;

export interface Readiness {
  /** Why this instance should get no traffic; empty when it should. */
  reasonsAgainst(): Promise<string[]>;
  /** From now on it is not ready: it is about to stop. */
  drain(): void;
}

export interface ReadinessDeps {
  clickhouse: ClickHouse;
  /** `problem`: why it takes nothing. Events in it mean that ClickHouse does not take them, or did not lately. */
  spool: { problem(): string | undefined; stats(): { rows: number } };
}

/**
 * Ready means that writes are possible and the schema is current. Once the schema was seen to be current, an instance stays
 * ready without ClickHouse for as long as its spool takes events: taking it out of service would turn away what it can keep.
 */
export function createReadiness({ clickhouse, spool }: ReadinessDeps): Readiness {
  let draining = false;
  let schemaGoodUntil = 0;
  const unreachable = () => {
    if (schemaGoodUntil === 0) return ["ClickHouse does not answer"];
    const problem = spool.problem();
    return problem === undefined ? [] : [`ClickHouse does not answer. ${problem}`];
  };

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
        if (!(await inTime(patience, clickhouse.ping()))) return unreachable();
        const problem =
          (await inTime(patience, schemaProblem())) ?? (spool.stats().rows > 0 ? spool.problem() : undefined);
        return problem === undefined ? [] : [problem];
      } catch {
        return unreachable();
      }
    },
    drain() {
      draining = true;
    },
  };
}
