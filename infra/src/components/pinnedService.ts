import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerDefinition } from "../containers.ts";
import type { Statement } from "../iam/statements.ts";
import type { ContainerCluster } from "./containerCluster.ts";
import type { DataHost } from "./dataHost.ts";
import { Role } from "./role.ts";

export interface PinnedServiceArgs {
  readonly cluster: ContainerCluster;
  readonly host: DataHost;
  /** Name below the cluster's domain. */
  readonly hostName: string;
  readonly securityGroupId: pulumi.Input<string>;
  readonly containers: readonly ContainerDefinition[];
  /** Folder of the machine's data volume that the containers see as volume `data`. */
  readonly hostPath: string;
  readonly executionRoleArn: pulumi.Input<string>;
  readonly taskStatements: readonly Statement[];
  /** Waits for the task to be healthy. Not for a quorum: its first member cannot be healthy alone. */
  readonly waitForHealthy: boolean;
  readonly hooks: pulumi.ResourceHookBinding;
}

/** One task that always runs on the one machine that holds its data, under a name that never changes. */
export class PinnedService extends pulumi.ComponentResource {
  readonly service: aws.ecs.Service;
  readonly #name: string;
  readonly #args: PinnedServiceArgs;

  constructor(name: string, args: PinnedServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:PinnedService", name, {}, opts);
    this.#name = name;
    this.#args = args;
    this.service = this.#createService(this.#createTask(), this.#createName());
    this.registerOutputs({ serviceName: this.service.name });
  }

  #createName(): aws.servicediscovery.Service {
    return new aws.servicediscovery.Service(
      this.#name,
      {
        name: this.#args.hostName,
        // No health check of its own: nodes must find each other before they are healthy.
        dnsConfig: {
          namespaceId: this.#args.cluster.namespaceId,
          dnsRecords: [{ type: "A", ttl: 10 }],
          routingPolicy: "MULTIVALUE",
        },
        // A record that a dead task left behind must not stop a teardown.
        forceDestroy: true,
      },
      { parent: this },
    );
  }

  #createTask(): aws.ecs.TaskDefinition {
    const role = new Role(
      `${this.#name}-task`,
      { service: "ecs-tasks.amazonaws.com", statements: this.#args.taskStatements },
      { parent: this },
    );
    return new aws.ecs.TaskDefinition(
      this.#name,
      {
        family: this.#name,
        networkMode: "awsvpc",
        requiresCompatibilities: ["EC2"],
        runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
        executionRoleArn: this.#args.executionRoleArn,
        taskRoleArn: role.arn,
        volumes: [{ name: "data", hostPath: this.#args.hostPath }],
        containerDefinitions: pulumi.jsonStringify(this.#args.containers),
        // Old revisions stay, so that one can be gone back to by hand.
        skipDestroy: true,
      },
      { parent: this },
    );
  }

  #createService(task: aws.ecs.TaskDefinition, name: aws.servicediscovery.Service): aws.ecs.Service {
    const { cluster, host, securityGroupId, waitForHealthy, hooks } = this.#args;
    return new aws.ecs.Service(
      this.#name,
      {
        // Fixed, so that the gate of one node knows its siblings by name.
        name: this.#name,
        cluster: cluster.arn,
        taskDefinition: task.arn,
        launchType: "EC2",
        desiredCount: 1,
        // The old task lets go of the data before the new one opens it.
        deploymentMinimumHealthyPercent: 0,
        deploymentMaximumPercent: 100,
        availabilityZoneRebalancing: "DISABLED",
        // No way back by itself: an older ClickHouse may not read what a newer one wrote.
        deploymentCircuitBreaker: { enable: true, rollback: false },
        placementConstraints: [{ type: "memberOf", expression: `attribute:millimetric.node == ${host.node}` }],
        networkConfiguration: { subnets: [host.subnetId], securityGroups: [securityGroupId] },
        serviceRegistries: { registryArn: name.arn },
        enableExecuteCommand: true,
        propagateTags: "SERVICE",
        waitForSteadyState: waitForHealthy,
      },
      {
        parent: this,
        dependsOn: [host.group],
        deleteBeforeReplace: true,
        customTimeouts: { create: "30m", update: "30m", delete: "20m" },
        hooks,
      },
    );
  }
}
