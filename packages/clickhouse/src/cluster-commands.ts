import type { ClickHouse } from "./clickhouse.ts";
import { render, type Topology, topologyOf } from "./topology.ts";

const changesTable = /^\s*(?:ALTER TABLE|DELETE FROM)\s/;

/** The same ClickHouse, with commands that change a table written for what its database is made for: it is asked once, by the first. */
export function knowingTopology(clickhouse: ClickHouse): ClickHouse {
  let topology: Promise<Topology> | undefined;
  return {
    ...clickhouse,
    async command(sql, params) {
      if (!changesTable.test(sql)) return clickhouse.command(sql, params);
      topology ??= topologyOf(clickhouse).catch((error: unknown) => {
        topology = undefined;
        throw error;
      });
      for (const statement of render(sql, await topology)) await clickhouse.command(statement, params);
    },
  };
}
