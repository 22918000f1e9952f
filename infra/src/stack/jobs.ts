import { renderDrillConfig } from "../clickhouse/drillConfig.ts";
import { shardHeads } from "../clickhouse/topology.ts";
import type { ClickHouseCluster } from "../components/clickhouseCluster.ts";
import { ScheduledTask, type ScheduledTaskArgs } from "../components/scheduledTask.ts";
import { type ContainerDefinition, environment, logTo } from "../containers.ts";
import { drillPolicy } from "../iam/policies.ts";
import { executionRole, type Foundation } from "./foundation.ts";

/**
 * Nightly backups, and once a month the proof that they can be restored.
 * @returns what it takes to run one of them now
 */
export function createJobs(foundation: Foundation, database: ClickHouseCluster) {
  const { settings, network, traffic, cluster, images, secrets, logs, topology, backupBucket } = foundation;
  const container = (name: string, command: string, more: Record<string, string> = {}): ContainerDefinition => ({
    name,
    image: images.clickhouse.ref,
    essential: true,
    user: "101:101",
    readonlyRootFilesystem: false,
    command: [command],
    environment: environment({
      BACKUP_URL: backupBucket.url,
      CLICKHOUSE_USER: "backup",
      HOSTS: shardHeads(topology)
        .map(({ host }) => host)
        .join(" "),
      ...more,
    }),
    secrets: [{ name: "CLICKHOUSE_PASSWORD", valueFrom: secrets.backup.key("CLICKHOUSE_PASSWORD") }],
    logConfiguration: logTo(logs.jobs.name, settings.region, name),
  });
  const shared: Pick<ScheduledTaskArgs, "cluster" | "subnetIds" | "securityGroupId" | "executionRoleArn"> = {
    cluster,
    subnetIds: network.privateSubnetIds,
    securityGroupId: traffic.groupId("jobs"),
    executionRoleArn: executionRole("jobs", foundation, {
      image: images.clickhouse,
      log: logs.jobs,
      secrets: [secrets.backup],
    }),
  };
  const opts = { ...foundation.opts, dependsOn: [database] };
  const backup = new ScheduledTask(
    "backup",
    {
      ...shared,
      schedule: "cron(15 2 * * ? *)",
      container: container("backup", "mm-backup"),
      cpu: 256,
      memory: 1024,
      // The servers write to the bucket; this task only asks them to.
      taskStatements: [],
    },
    opts,
  );
  const drill = new ScheduledTask(
    "restore-drill",
    {
      ...shared,
      schedule: "cron(15 5 2 * ? *)",
      container: container("restore-drill", "mm-restore-drill", { DRILL_XML: renderDrillConfig() }),
      cpu: 4096,
      memory: 16_384,
      // Fargate's largest. A platform with more data drills on a restored stack: docs/runbook.md.
      diskGib: 200,
      taskStatements: drillPolicy({ backupBucketArn: backupBucket.bucket.arn }),
    },
    opts,
  );
  return {
    subnetIds: shared.subnetIds,
    securityGroupId: shared.securityGroupId,
    logGroup: logs.jobs.name,
    families: { backup: backup.family, "restore-drill": drill.family },
  };
}
