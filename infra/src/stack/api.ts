import { edgeAlarms, rollbackAlarms, targetAlarms } from "../alarms.ts";
import { clickhousePorts, waves } from "../clickhouse/topology.ts";
import { Alarms } from "../components/alarms.ts";
import { ApiService } from "../components/apiService.ts";
import type { ClickHouseCluster } from "../components/clickhouseCluster.ts";
import type { Observability } from "../components/observability.ts";
import type { Hooks } from "../hooks/hooks.ts";
import { executionRole, type Foundation } from "./foundation.ts";

/** The API behind the load balancer, and the alarms that send a bad release back. */
export function createApi(
  foundation: Foundation,
  parts: { database: ClickHouseCluster; observability: Observability; hooks: Hooks },
): ApiService {
  const { settings, network, traffic, edge, cluster, images, secrets, logs, topology, opts } = foundation;
  const { topicArn } = parts.observability;
  const LoadBalancer = edge.loadBalancer.arnSuffix;
  const TargetGroup = edge.targetGroup.arnSuffix;
  const ringing = new Alarms(
    "edge-alarms",
    { topicArn, rules: edgeAlarms, subjects: [{ dimensions: { LoadBalancer } }] },
    opts,
  );
  new Alarms(
    "target-alarms",
    { topicArn, rules: targetAlarms, subjects: [{ dimensions: { LoadBalancer, TargetGroup } }] },
    opts,
  );
  return new ApiService(
    "api",
    {
      cluster,
      edge,
      region: settings.region,
      size: settings.size.api,
      image: images.api.ref,
      logGroupName: logs.api.name,
      executionRoleArn: executionRole("api", foundation, {
        image: images.api,
        log: logs.api,
        secrets: [secrets.api, secrets.migrator],
      }),
      subnetIds: network.privateSubnetIds,
      securityGroupId: traffic.groupId("api"),
      secrets,
      // Each takes and answers for all shards, so any of them can stand in for another.
      clickhouseUrls: waves(topology)
        .flat()
        .map(({ host }) => `http://${host}:${clickhousePorts.http}`),
      nodes: parts.database.services,
      rollbackAlarms: rollbackAlarms.map((rule) => ringing.nameOf(rule)),
      hooks: parts.hooks,
    },
    { ...opts, dependsOn: [parts.database] },
  );
}
