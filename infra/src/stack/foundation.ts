import { resolve } from "node:path";
import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import { ContainerCluster } from "../components/containerCluster.ts";
import { DataBucket } from "../components/dataBucket.ts";
import { Edge } from "../components/edge.ts";
import { Images, type PushedImage } from "../components/images.ts";
import { Network } from "../components/network.ts";
import { Role } from "../components/role.ts";
import { Secrets, type StoredSecret } from "../components/secrets.ts";
import { Traffic } from "../components/traffic.ts";
import type { Settings } from "../config.ts";
import { executionPolicy } from "../iam/policies.ts";

const repository = resolve(import.meta.dirname, "../../..");

/** Days a backup is kept; the last week of increments needs the full copy before it. */
const backupDays = 35;
const privateDomain = "millimetric.internal";

export type Foundation = ReturnType<typeof createFoundation>;

/** What everything else stands on: network, way in, images, secrets, buckets, the container cluster. */
export function createFoundation(settings: Settings, opts: pulumi.ComponentResourceOptions) {
  const { size, region, availabilityZones } = settings;
  const protect = size.protectData;
  const network = new Network(
    "network",
    { cidr: settings.vpcCidr, region, availabilityZones, natGateways: size.natGateways },
    opts,
  );
  const traffic = new Traffic("traffic", { vpcId: network.vpcId }, opts);
  const edge = new Edge(
    "edge",
    {
      vpcId: network.vpcId,
      subnetIds: network.publicSubnetIds,
      securityGroupId: traffic.groupId("load-balancer"),
      domain: settings.domain,
      tls: settings.tls,
      firewall: size.firewall,
      protect,
    },
    // AWS refuses a public load balancer before the VPC has its way out.
    { ...opts, dependsOn: [network] },
  );
  const cluster = new ContainerCluster(
    "millimetric",
    { vpcId: network.vpcId, domain: privateDomain, logRetentionDays: size.logRetentionDays },
    opts,
  );
  return {
    settings,
    opts,
    network,
    traffic,
    edge,
    cluster,
    images: new Images("images", { root: repository }, opts),
    secrets: new Secrets("secrets", { recoveryDays: protect ? 7 : 0, protect }, opts),
    coldBucket: new DataBucket("cold", { protect }, opts),
    backupBucket: new DataBucket("backups", { expireAfterDays: backupDays, keepOldVersionsDays: 7, protect }, opts),
    logs: {
      api: cluster.logGroup("api"),
      clickhouse: cluster.logGroup("clickhouse"),
      jobs: cluster.logGroup("jobs"),
    },
    topology: {
      shards: size.shards,
      replicas: size.replicas,
      keepers: size.keeper.nodes,
      domain: privateDomain,
    },
  };
}

/** The role ECS starts one kind of task with. */
export function executionRole(
  name: string,
  foundation: Foundation,
  args: { image: PushedImage; log: aws.cloudwatch.LogGroup; secrets: readonly StoredSecret[] },
): pulumi.Output<string> {
  const statements = executionPolicy({
    repositoryArns: [args.image.repositoryArn],
    logGroupArns: [args.log.arn],
    secretArns: args.secrets.map((secret) => secret.arn),
  });
  return new Role(`${name}-execution`, { service: "ecs-tasks.amazonaws.com", statements }, foundation.opts).arn;
}
