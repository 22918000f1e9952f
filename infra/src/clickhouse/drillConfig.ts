import { cluster } from "./serverConfig.ts";
import { clickhousePorts } from "./topology.ts";
import { renderXml } from "./xml.ts";

/** A server for one restore: alone, with a Keeper inside it, for what it restores is made of replicated tables. */
export function renderDrillConfig(): string {
  return renderXml("clickhouse", {
    listen_host: "127.0.0.1",
    logger: { level: "warning", console: 1 },
    macros: { cluster, shard: "drill", replica: "drill" },
    // Tables over the shards are restored, too; nobody asks them.
    remote_servers: { [cluster]: { shard: { replica: { host: "127.0.0.1", port: clickhousePorts.native } } } },
    keeper_server: {
      tcp_port: 9181,
      server_id: 1,
      log_storage_path: "/var/lib/clickhouse/keeper/log",
      snapshot_storage_path: "/var/lib/clickhouse/keeper/snapshots",
      raft_configuration: { server: { id: 1, hostname: "127.0.0.1", port: 9234 } },
    },
    zookeeper: { node: { host: "127.0.0.1", port: 9181 } },
    default_replica_path: "/clickhouse/tables/{uuid}/{shard}",
    default_replica_name: "{replica}",
  });
}
