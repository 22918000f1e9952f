import { keeperPorts, keepers, type Topology } from "./topology.ts";
import { renderXml } from "./xml.ts";

const storage = "/var/lib/clickhouse-keeper";

/** The whole configuration of a Keeper; its number comes from `KEEPER_ID`. */
export function renderKeeperConfig(topology: Topology): string {
  return renderXml("clickhouse", {
    logger: { level: "information", console: 1 },
    listen_host: "0.0.0.0",
    keeper_server: {
      tcp_port: keeperPorts.client,
      server_id: { "@from_env": "KEEPER_ID" },
      log_storage_path: `${storage}/log`,
      snapshot_storage_path: `${storage}/snapshots`,
      coordination_settings: {
        // Milliseconds. The first node waits for the others; the built-in 30 s would end it before they are there.
        startup_timeout: 600_000,
        operation_timeout_ms: 10_000,
        session_timeout_ms: 30_000,
        force_sync: true,
        async_replication: true,
      },
      raft_configuration: {
        server: keepers(topology).map(({ id, host }) => ({ id, hostname: host, port: keeperPorts.raft })),
      },
    },
  });
}
