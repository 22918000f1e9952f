import * as pulumi from "@pulumi/pulumi";
import { backupAlarms, keeperAlarms, machineAlarms, replicaAlarms, serviceAlarms, volumeAlarms } from "../alarms.ts";
import { keepers, waves } from "../clickhouse/topology.ts";
import { type AlarmSubject, Alarms } from "../components/alarms.ts";
import type { ApiService } from "../components/apiService.ts";
import type { ClickHouseCluster } from "../components/clickhouseCluster.ts";
import { Observability } from "../components/observability.ts";
import type { Foundation } from "./foundation.ts";

export function createObservability({ settings, logs, opts }: Foundation): Observability {
  const { region, alarmEmail } = settings;
  return new Observability(
    "watch",
    {
      region,
      ...(alarmEmail === undefined ? {} : { alarmEmail }),
      logGroups: { clickhouse: logs.clickhouse.name, jobs: logs.jobs.name },
    },
    opts,
  );
}

/** Alarms on everything that runs, and the dashboard over it. */
export function watchEverything(
  foundation: Foundation,
  parts: { database: ClickHouseCluster; api: ApiService; observability: Observability },
): void {
  const { topology, cluster, edge, opts } = foundation;
  const { database, api, observability } = parts;
  const { topicArn } = observability;
  const replicas = waves(topology).flat();
  const quorum = keepers(topology);
  const node = ({ name }: { name: string }): AlarmSubject => ({ label: name, dimensions: { node: name } });
  const service = (name: pulumi.Input<string>, label: string): AlarmSubject => ({
    label,
    dimensions: { ClusterName: cluster.name, ServiceName: name },
  });
  const hosts = (dimension: string, value: (host: (typeof database.hosts)[number]) => pulumi.Input<string>) =>
    database.hosts.map((host) => ({ label: host.node, dimensions: { [dimension]: value(host) } }));

  new Alarms("replica-alarms", { topicArn, rules: replicaAlarms, subjects: replicas.map(node) }, opts);
  new Alarms("keeper-alarms", { topicArn, rules: keeperAlarms, subjects: quorum.map(node) }, opts);
  new Alarms(
    "service-alarms",
    {
      topicArn,
      rules: serviceAlarms,
      subjects: [...database.services.map((name) => service(name, name)), service(api.service.name, "api")],
    },
    opts,
  );
  new Alarms(
    "volume-alarms",
    { topicArn, rules: volumeAlarms, subjects: hosts("VolumeId", ({ volume }) => volume.id) },
    opts,
  );
  new Alarms(
    "machine-alarms",
    { topicArn, rules: machineAlarms, subjects: hosts("AutoScalingGroupName", ({ group }) => group.name) },
    opts,
  );
  new Alarms("backup-alarms", { topicArn, rules: backupAlarms, subjects: [{ dimensions: {} }] }, opts);
  observability.createDashboard(
    pulumi.output({
      loadBalancer: edge.loadBalancer.arnSuffix,
      targetGroup: edge.targetGroup.arnSuffix,
      cluster: cluster.name,
      apiService: api.service.name,
      replicas: replicas.map(({ name }) => name),
      keepers: quorum.map(({ name }) => name),
      volumeIds: database.hosts.map(({ volume }) => volume.id),
    }),
  );
}
