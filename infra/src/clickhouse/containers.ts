import * as pulumi from "@pulumi/pulumi";
import type { StoredSecret } from "../components/secrets.ts";
import { type ContainerDefinition, environment } from "../containers.ts";
import { renderKeeperConfig } from "./keeperConfig.ts";
import { renderServerConfig, type ServerOptions } from "./serverConfig.ts";
import { clickhousePorts, type Keeper, keeperPorts, type Replica, type Topology } from "./topology.ts";
import { passwordVariable, renderUsersConfig, users } from "./usersConfig.ts";

export interface NodeImage {
  readonly image: pulumi.Input<string>;
  readonly log: (prefix: string) => ContainerDefinition["logConfiguration"];
}

const health = (command: string, startPeriod: number): NonNullable<ContainerDefinition["healthCheck"]> => ({
  command: ["CMD", ...command.split(" ")],
  interval: 10,
  timeout: 8,
  retries: 6,
  startPeriod,
});

const asClickHouse = { user: "101:101", readonlyRootFilesystem: false } as const;

/**
 * The node's own container and a second, unimportant one that watches it: ECS restarts a task whose important container is
 * unhealthy, and a replica that lags must not be restarted for it.
 */
function withMonitor(main: ContainerDefinition, role: "server" | "keeper", node: string, image: NodeImage) {
  const monitor: ContainerDefinition = {
    ...asClickHouse,
    name: "monitor",
    image: image.image,
    essential: false,
    command: ["mm-monitor", role],
    environment: environment({ NODE: node }),
    memoryReservation: 64,
    healthCheck: health(`mm-in-sync ${role}`, 300),
    dependsOn: [{ containerName: main.name, condition: "START" }],
    logConfiguration: image.log("monitor"),
  };
  return [main, monitor];
}

/** The containers of one replica. */
export function replicaContainers(
  replica: Replica,
  args: NodeImage & {
    readonly server: ServerOptions;
    readonly secrets: StoredSecret;
    /** URL of the cold bucket. */
    readonly coldUrl: pulumi.Input<string>;
  },
): ContainerDefinition[] {
  const names = [...users.map(passwordVariable), "INTERSERVER_PASSWORD", "CLUSTER_SECRET"];
  const main: ContainerDefinition = {
    ...asClickHouse,
    name: "clickhouse",
    image: args.image,
    essential: true,
    command: ["mm-server"],
    environment: environment({
      NODE_HOST: replica.host,
      SHARD: String(replica.shard),
      REPLICA: String(replica.replica),
      COLD_ENDPOINT: pulumi.interpolate`${args.coldUrl}/${replica.shard}/${replica.replica}/`,
      SERVER_XML: renderServerConfig(args.server),
      USERS_XML: renderUsersConfig(),
    }),
    secrets: names.map((name) => ({ name, valueFrom: args.secrets.key(name) })),
    portMappings: Object.values(clickhousePorts).map((containerPort) => ({ containerPort })),
    mountPoints: [{ sourceVolume: "data", containerPath: "/var/lib/clickhouse" }],
    ulimits: [{ name: "nofile", softLimit: 262_144, hardLimit: 262_144 }],
    memoryReservation: 1024,
    healthCheck: health("mm-alive server", 300),
    stopTimeout: 120,
    logConfiguration: args.log("clickhouse"),
  };
  return withMonitor(main, "server", replica.name, args);
}

/** The containers of one Keeper. */
export function keeperContainers(
  keeper: Keeper,
  args: NodeImage & { readonly topology: Topology },
): ContainerDefinition[] {
  const main: ContainerDefinition = {
    ...asClickHouse,
    name: "keeper",
    image: args.image,
    essential: true,
    command: ["mm-keeper"],
    environment: environment({ KEEPER_ID: String(keeper.id), KEEPER_XML: renderKeeperConfig(args.topology) }),
    portMappings: Object.values(keeperPorts).map((containerPort) => ({ containerPort })),
    mountPoints: [{ sourceVolume: "data", containerPath: "/var/lib/clickhouse-keeper" }],
    memoryReservation: 256,
    healthCheck: health("mm-alive keeper", 300),
    stopTimeout: 60,
    logConfiguration: args.log("keeper"),
  };
  return withMonitor(main, "keeper", keeper.name, args);
}
