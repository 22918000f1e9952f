import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerDefinition } from "../containers.ts";
import { schedulerPolicy } from "../iam/policies.ts";
import type { Statement } from "../iam/statements.ts";
import type { ContainerCluster } from "./containerCluster.ts";
import { Role } from "./role.ts";

export interface ScheduledTaskArgs {
  readonly cluster: ContainerCluster;
  /** In UTC, as EventBridge Scheduler writes it. */
  readonly schedule: string;
  readonly container: ContainerDefinition;
  /** Fargate units. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: number;
  /** GiB of disk; Fargate gives 20 when it is absent. */
  readonly diskGib?: number;
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
  readonly executionRoleArn: pulumi.Input<string>;
  readonly taskStatements: readonly Statement[];
}

/** A container that runs at set times and ends by itself. */
export class ScheduledTask extends pulumi.ComponentResource {
  /** Name of the task's revisions; ECS takes the newest when it is run by this name. */
  readonly family: pulumi.Output<string>;
  readonly #name: string;
  readonly #args: ScheduledTaskArgs;

  constructor(name: string, args: ScheduledTaskArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:ScheduledTask", name, {}, opts);
    this.#name = name;
    this.#args = args;
    const role = new Role(
      `${name}-task`,
      { service: "ecs-tasks.amazonaws.com", statements: args.taskStatements },
      { parent: this },
    );
    const task = this.#createTask(role);
    this.family = task.family;
    this.#createSchedule(task, role);
    this.registerOutputs({ family: this.family });
  }

  #createTask(role: Role): aws.ecs.TaskDefinition {
    const { cpu, memory, diskGib, executionRoleArn, container } = this.#args;
    return new aws.ecs.TaskDefinition(
      this.#name,
      {
        family: this.#name,
        networkMode: "awsvpc",
        requiresCompatibilities: ["FARGATE"],
        runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
        cpu: String(cpu),
        memory: String(memory),
        ...(diskGib === undefined ? {} : { ephemeralStorage: { sizeInGib: diskGib } }),
        executionRoleArn,
        taskRoleArn: role.arn,
        containerDefinitions: pulumi.jsonStringify([container]),
      },
      { parent: this },
    );
  }

  #createSchedule(task: aws.ecs.TaskDefinition, role: Role): void {
    const { cluster, schedule, subnetIds, securityGroupId, executionRoleArn } = this.#args;
    const scheduler = new Role(
      `${this.#name}-scheduler`,
      {
        service: "scheduler.amazonaws.com",
        statements: schedulerPolicy({
          clusterArn: cluster.arn,
          taskFamilyArn: task.arnWithoutRevision,
          roleArns: [role.arn, executionRoleArn],
        }),
      },
      { parent: this },
    );
    new aws.scheduler.Schedule(
      this.#name,
      {
        scheduleExpression: schedule,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: cluster.arn,
          roleArn: scheduler.arn,
          ecsParameters: {
            taskDefinitionArn: task.arn,
            launchType: "FARGATE",
            networkConfiguration: {
              subnets: [...subnetIds],
              securityGroups: [securityGroupId],
              assignPublicIp: false,
            },
          },
          retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 3600 },
        },
      },
      { parent: this },
    );
  }
}
