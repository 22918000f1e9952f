import * as pulumi from "@pulumi/pulumi";
import { keeperContainers, type NodeImage, replicaContainers } from "../clickhouse/containers.ts";
import type { ServerOptions } from "../clickhouse/serverConfig.ts";
import { type Keeper, keepers, type Replica, type Topology, waves } from "../clickhouse/topology.ts";
import type { Gate } from "../hooks/hooks.ts";
import { replicaPolicy } from "../iam/policies.ts";
import type { Size } from "../sizes.ts";
import type { ContainerCluster } from "./containerCluster.ts";
import type { DataBucket } from "./dataBucket.ts";
import { DataHost, type DataHostArgs } from "./dataHost.ts";
import { PinnedService, type PinnedServiceArgs } from "./pinnedService.ts";
import type { StoredSecret } from "./secrets.ts";

export interface ClickHouseClusterArgs {
  readonly cluster: ContainerCluster;
  readonly topology: Topology;
  readonly size: Size;
  readonly region: string;
  readonly availabilityZones: readonly string[];
  /** In the order of the zones. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly securityGroupIds: Readonly<Record<"host" | "clickhouse" | "keeper", pulumi.Input<string>>>;
  readonly amiId: string;
  readonly image: NodeImage;
  readonly server: ServerOptions;
  readonly secrets: StoredSecret;
  readonly executionRoleArn: pulumi.Input<string>;
  readonly coldBucket: DataBucket;
  readonly backupBucket: DataBucket;
  /** Makes the check that runs before a node changes. */
  readonly gate: Gate;
}

/** Keepers and replicas. A change rolls through them one Keeper, then one replica of each shard, at a time. */
export class ClickHouseCluster extends pulumi.ComponentResource {
  /** Names of all services, Keepers first. */
  readonly services: readonly string[];
  /** Every machine with its volume. */
  readonly hosts: DataHost[] = [];
  readonly #args: ClickHouseClusterArgs;

  constructor(name: string, args: ClickHouseClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:ClickHouseCluster", name, {}, opts);
    this.#args = args;
    const { topology } = args;
    // Where Keeper has no machine of its own, it lives on the first replica's.
    const [first] = waves(topology).flat();
    const shared = args.size.keeper.hosts === undefined && first !== undefined ? this.#replicaHost(first) : undefined;
    let previous: readonly pulumi.Resource[] = this.#createKeepers(shared);
    for (const wave of waves(topology)) {
      const before = previous;
      previous = wave.map((replica) => this.#createReplica(replica, before, shared));
    }
    this.services = [...keepers(topology), ...waves(topology).flat()].map((node) => node.name);
    this.registerOutputs({ services: this.services });
  }

  /** Each Keeper waits for the one before, so that an update takes one at a time. */
  #createKeepers(shared: DataHost | undefined): PinnedService[] {
    const all = keepers(this.#args.topology);
    const services: PinnedService[] = [];
    for (const keeper of all) {
      const host = shared ?? this.#keeperHost(keeper);
      const siblings = all.filter((one) => one.id !== keeper.id).map((one) => one.name);
      services.push(
        this.#createService(
          keeper.name,
          {
            host,
            securityGroupId: this.#args.securityGroupIds.keeper,
            containers: keeperContainers(keeper, { ...this.#args.image, topology: this.#args.topology }),
            hostPath: "/data/keeper",
            taskStatements: [],
            waitForHealthy: false,
            hooks: this.#args.gate(keeper.name, siblings),
          },
          services.slice(-1),
        ),
      );
    }
    return services;
  }

  #createReplica(replica: Replica, previous: readonly pulumi.Resource[], shared: DataHost | undefined): PinnedService {
    const { topology, image, server, secrets, coldBucket, backupBucket, gate } = this.#args;
    // Keepers, too: a replica that cannot reach its quorum does not come back.
    const siblings = [
      ...keepers(topology),
      ...waves(topology)
        .flat()
        .filter((one) => one.shard === replica.shard && one.name !== replica.name),
    ].map((node) => node.name);
    return this.#createService(
      replica.name,
      {
        host: shared?.node === replica.name ? shared : this.#replicaHost(replica),
        securityGroupId: this.#args.securityGroupIds.clickhouse,
        containers: replicaContainers(replica, { ...image, server, secrets, coldUrl: coldBucket.url }),
        hostPath: "/data/clickhouse",
        taskStatements: replicaPolicy({
          coldBucketArn: coldBucket.bucket.arn,
          backupBucketArn: backupBucket.bucket.arn,
          shard: replica.shard,
          replica: replica.replica,
        }),
        waitForHealthy: true,
        hooks: gate(replica.name, siblings),
      },
      previous,
    );
  }

  #createService(
    name: string,
    args: Omit<PinnedServiceArgs, "cluster" | "executionRoleArn" | "hostName">,
    dependsOn: readonly pulumi.Resource[],
  ): PinnedService {
    const { cluster, executionRoleArn } = this.#args;
    return new PinnedService(
      name,
      { ...args, cluster, executionRoleArn, hostName: name },
      { parent: this, dependsOn: [...dependsOn] },
    );
  }

  #replicaHost(replica: Replica): DataHost {
    const { instanceType, volume } = this.#args.size.clickhouse;
    // Replicas of one shard in different zones; shards start in different zones, too.
    return this.#createHost(replica.name, replica.replica + replica.shard, { instanceType, volume });
  }

  #keeperHost(keeper: Keeper): DataHost {
    const { hosts } = this.#args.size.keeper;
    if (hosts === undefined) throw new Error(`There is no size for the host of ${keeper.name}.`);
    return this.#createHost(keeper.name, keeper.id - 1, hosts);
  }

  #createHost(node: string, zone: number, machine: Pick<DataHostArgs, "instanceType" | "volume">): DataHost {
    const { cluster, region, availabilityZones, subnetIds, securityGroupIds, amiId, size } = this.#args;
    const index = zone % availabilityZones.length;
    const [availabilityZone, subnetId] = [availabilityZones[index], subnetIds[index]];
    if (availabilityZone === undefined || subnetId === undefined) throw new Error(`There is no zone for ${node}.`);
    const host = new DataHost(
      `host-${node}`,
      {
        ...machine,
        cluster,
        region,
        node,
        availabilityZone,
        subnetId,
        securityGroupId: securityGroupIds.host,
        amiId,
        protect: size.protectData,
      },
      { parent: this },
    );
    this.hosts.push(host);
    return host;
  }
}
