import { clickhousePorts, keeperPorts, keepers, type Topology, waves } from "./topology.ts";
import { renderXml, type Xml } from "./xml.ts";

/** The database of the platform. */
export const database = "millimetric";

/** Every server there is; the schema knows it as `{cluster}`. */
export const cluster = "all";

export interface ServerOptions {
  readonly topology: Topology;
  /** Share of the machine's memory that ClickHouse may take. */
  readonly memoryRatio: number;
  /** Moves data to a bucket when the disk fills up; `COLD_ENDPOINT` says where. */
  readonly cold: boolean;
}

/** Secrets and what differs between nodes come from the environment, so that the text is the same on all of them. */
const fromEnv = (name: string): Xml => ({ "@from_env": name });

/** `config.d/millimetric.xml`, merged over the configuration of the official image. */
export function renderServerConfig(options: ServerOptions): string {
  const { topology } = options;
  return renderXml("clickhouse", {
    ...network(),
    logger: { level: "information", console: 1, log: { "@remove": "1" }, errorlog: { "@remove": "1" } },
    max_server_memory_usage_to_ram_ratio: options.memoryRatio,
    // Seconds a stopping server waits for what runs; ECS waits longer before it kills.
    shutdown_wait_unfinished: 60,
    ...replication(topology),
    ...(options.cold ? storage() : {}),
    ...systemLogs(),
  });
}

function network(): { [name: string]: Xml } {
  return {
    listen_host: "0.0.0.0",
    http_port: clickhousePorts.http,
    tcp_port: clickhousePorts.native,
    interserver_http_port: clickhousePorts.interserver,
    mysql_port: { "@remove": "1" },
    postgresql_port: { "@remove": "1" },
    interserver_http_host: fromEnv("NODE_HOST"),
    interserver_http_credentials: { user: "interserver", password: fromEnv("INTERSERVER_PASSWORD") },
    // Seconds. A restarted task keeps its name but not its address.
    dns_cache_update_period: 5,
  };
}

function replication(topology: Topology): { [name: string]: Xml } {
  const replicas = waves(topology).flat();
  const shard = (number: number): Xml => ({
    internal_replication: true,
    replica: replicas.filter((one) => one.shard === number).map(({ host }) => ({ host, port: clickhousePorts.native })),
  });
  return {
    macros: { cluster, shard: fromEnv("SHARD"), replica: fromEnv("REPLICA") },
    default_replica_path: "/clickhouse/tables/{uuid}/{shard}",
    default_replica_name: "{replica}",
    zookeeper: { node: keepers(topology).map(({ host }) => ({ host, port: keeperPorts.client })) },
    distributed_ddl: { path: "/clickhouse/task_queue/ddl" },
    remote_servers: {
      "@replace": "1",
      [cluster]: {
        secret: fromEnv("CLUSTER_SECRET"),
        shard: Array.from({ length: topology.shards }, (_, number) => shard(number)),
      },
    },
    // A Replicated database hands every table to replicas that join later, so migrations are plain statements on one node.
    startup_scripts: {
      throw_on_error: true,
      scripts: {
        query: `CREATE DATABASE IF NOT EXISTS ${database} ENGINE = Replicated('/clickhouse/databases/${database}', '{shard}', '{replica}')`,
      },
    },
  };
}

/** Each replica has its own prefix of the bucket: ClickHouse deletes there, so two replicas must never share objects. */
function storage(): { [name: string]: Xml } {
  return {
    storage_configuration: {
      disks: {
        cold_s3: { type: "s3", endpoint: fromEnv("COLD_ENDPOINT"), use_environment_credentials: true },
        cold: { type: "cache", disk: "cold_s3", path: "cold", max_size: "10Gi" },
      },
      policies: {
        hot_cold: {
          volumes: { hot: { disk: "default" }, cold: { disk: "cold" } },
          // Below this share of free disk the oldest parts move to the bucket.
          move_factor: 0.1,
        },
      },
    },
    merge_tree: { storage_policy: "hot_cold" },
  };
}

/** Days. What nobody reads is off: these tables can outgrow the data of a small platform. */
function systemLogs(): { [name: string]: Xml } {
  const keep = (days: number): Xml => ({ ttl: `event_date + INTERVAL ${days} DAY DELETE` });
  const off: Xml = { "@remove": "1" };
  return {
    query_log: keep(7),
    part_log: keep(7),
    query_thread_log: off,
    query_views_log: off,
    trace_log: off,
    metric_log: off,
    asynchronous_metric_log: off,
    processors_profile_log: off,
    latency_log: off,
    text_log: off,
  };
}
