/** One gp3 volume. */
export interface VolumeSize {
  readonly gib: number;
  readonly iops: number;
  /** MiB per second. */
  readonly throughput: number;
}

/** Hosts that run only Keeper; absent when Keeper shares the first ClickHouse host. */
export interface KeeperHosts {
  readonly instanceType: string;
  readonly volume: VolumeSize;
}

export interface Size {
  readonly zones: number;
  readonly natGateways: number;
  readonly shards: number;
  readonly replicas: number;
  readonly clickhouse: { readonly instanceType: string; readonly volume: VolumeSize };
  readonly keeper: { readonly nodes: number; readonly hosts?: KeeperHosts };
  readonly api: {
    /** Fargate units: 1024 are one vCPU. */
    readonly cpu: number;
    /** MiB. */
    readonly memory: number;
    readonly minTasks: number;
    readonly maxTasks: number;
  };
  readonly logRetentionDays: number;
  /** Volumes and buckets refuse deletion, the load balancer too. */
  readonly protectData: boolean;
  readonly firewall: boolean;
}

export const sizeNames = ["dev", "small", "prod"] as const;
export type SizeName = (typeof sizeNames)[number];

/**
 * ClickHouse wants at least 8 GiB of memory and about 1 GiB per 30-50 GiB of customer-facing data; scale a host up
 * before adding shards, for ClickHouse does not move old data to a new shard. Keeper wants hosts of its own.
 */
export const sizes: Readonly<Record<SizeName, Size>> = {
  dev: {
    zones: 2,
    natGateways: 1,
    shards: 1,
    replicas: 1,
    // Three network interfaces: the host's, the ClickHouse task's and the Keeper task's.
    clickhouse: { instanceType: "t4g.large", volume: { gib: 50, iops: 3000, throughput: 125 } },
    keeper: { nodes: 1 },
    api: { cpu: 256, memory: 512, minTasks: 1, maxTasks: 2 },
    logRetentionDays: 7,
    protectData: false,
    firewall: false,
  },
  small: {
    zones: 3,
    natGateways: 2,
    shards: 1,
    replicas: 2,
    clickhouse: { instanceType: "r7g.xlarge", volume: { gib: 500, iops: 4000, throughput: 250 } },
    keeper: { nodes: 3, hosts: { instanceType: "t4g.small", volume: { gib: 10, iops: 3000, throughput: 125 } } },
    api: { cpu: 1024, memory: 2048, minTasks: 2, maxTasks: 8 },
    logRetentionDays: 30,
    protectData: true,
    firewall: true,
  },
  prod: {
    zones: 3,
    natGateways: 3,
    shards: 1,
    replicas: 3,
    clickhouse: { instanceType: "r7g.2xlarge", volume: { gib: 1000, iops: 6000, throughput: 500 } },
    keeper: { nodes: 3, hosts: { instanceType: "m7g.medium", volume: { gib: 20, iops: 3000, throughput: 125 } } },
    api: { cpu: 1024, memory: 2048, minTasks: 3, maxTasks: 24 },
    logRetentionDays: 30,
    protectData: true,
    firewall: true,
  },
};
