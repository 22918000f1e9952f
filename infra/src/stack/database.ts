import { ClickHouseCluster } from "../components/clickhouseCluster.ts";
import { logTo } from "../containers.ts";
import type { Hooks } from "../hooks/hooks.ts";
import { executionRole, type Foundation } from "./foundation.ts";

/** Keepers and ClickHouse replicas on machines with volumes of their own. */
export function createDatabase(foundation: Foundation, hooks: Hooks): ClickHouseCluster {
  const { settings, network, traffic, cluster, images, secrets, logs, topology, coldBucket, backupBucket } = foundation;
  const { size, region, availabilityZones, amiId } = settings;
  return new ClickHouseCluster(
    "clickhouse",
    {
      cluster,
      topology,
      size,
      region,
      availabilityZones,
      subnetIds: network.privateSubnetIds,
      securityGroupIds: {
        host: traffic.groupId("host"),
        clickhouse: traffic.groupId("clickhouse"),
        keeper: traffic.groupId("keeper"),
      },
      amiId,
      image: { image: images.clickhouse.ref, log: (prefix) => logTo(logs.clickhouse.name, region, prefix) },
      // Where Keeper lives on the same machine it needs its part of the memory.
      server: { topology, memoryRatio: size.keeper.hosts === undefined ? 0.7 : 0.8, cold: true },
      secrets: secrets.clickhouse,
      executionRoleArn: executionRole("clickhouse", foundation, {
        image: images.clickhouse,
        log: logs.clickhouse,
        secrets: [secrets.clickhouse],
      }),
      coldBucket,
      backupBucket,
      gate: hooks.gate,
    },
    // A machine that starts before its way out and its rules are there finds neither AWS nor its packages.
    { ...foundation.opts, dependsOn: [network, traffic] },
  );
}
