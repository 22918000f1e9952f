import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { database } from "../clickhouse/serverConfig.ts";
import type { User } from "../clickhouse/usersConfig.ts";
import { type ContainerDefinition, environment, logTo } from "../containers.ts";
import type { Hooks } from "../hooks/hooks.ts";
import type { Size } from "../sizes.ts";
import { apiPort } from "../traffic.ts";
import type { ContainerCluster } from "./containerCluster.ts";
import type { Edge } from "./edge.ts";
import { Role } from "./role.ts";
import type { StoredSecret } from "./secrets.ts";

export interface ApiServiceArgs {
  readonly cluster: ContainerCluster;
  readonly edge: Edge;
  readonly region: string;
  readonly size: Size["api"];
  readonly image: pulumi.Input<string>;
  readonly logGroupName: pulumi.Input<string>;
  readonly executionRoleArn: pulumi.Input<string>;
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
  readonly secrets: { readonly api: StoredSecret; readonly migrator: StoredSecret };
  /** All servers, the one to write to first. */
  readonly clickhouseUrls: readonly string[];
  /** ClickHouse's services, which must be in sync before a migration. */
  readonly nodes: readonly string[];
  /** While one of these rings, a deployment goes back. */
  readonly rollbackAlarms: readonly pulumi.Input<string>[];
  readonly hooks: Hooks;
}

/** The API on Fargate: migrates, rolls without a gap, goes back when the new version does not hold, scales with the load. */
export class ApiService extends pulumi.ComponentResource {
  readonly service: aws.ecs.Service;
  readonly #name: string;
  readonly #args: ApiServiceArgs;

  constructor(name: string, args: ApiServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:ApiService", name, {}, opts);
    this.#name = name;
    this.#args = args;
    // The API calls nothing of AWS, so its role may do nothing.
    const role = new Role(`${name}-task`, { service: "ecs-tasks.amazonaws.com", statements: [] }, { parent: this });
    const migration = this.#createTask(`${name}-migrate`, this.#migrator(), role);
    this.service = this.#createService(this.#createTask(name, this.#server(), role), migration);
    this.#createScaling();
    this.registerOutputs({ serviceName: this.service.name });
  }

  #server(): ContainerDefinition {
    return {
      ...this.#container("api", "api", this.#args.secrets.api),
      portMappings: [{ containerPort: apiPort }],
      healthCheck: {
        // Shallow: the load balancer asks whether it is ready, ECS only whether it lives.
        command: ["CMD", "node", "healthcheck.js"],
        interval: 10,
        timeout: 5,
        retries: 3,
        startPeriod: 30,
      },
    };
  }

  /** Has a user of its own, so that the API can do without the right to change tables. */
  #migrator(): ContainerDefinition {
    return {
      ...this.#container("migrate", "migrator", this.#args.secrets.migrator),
      command: ["node", "dist/migrate.js"],
    };
  }

  #container(name: string, user: User, secret: StoredSecret): ContainerDefinition {
    const keys = ["ADMIN_TOKEN", "KEY_PEPPER", "CLICKHOUSE_PASSWORD"];
    return {
      name,
      image: this.#args.image,
      essential: true,
      user: "node",
      readonlyRootFilesystem: true,
      environment: environment({
        CLICKHOUSE_URL: this.#args.clickhouseUrls.join(","),
        CLICKHOUSE_USER: user,
        CLICKHOUSE_DATABASE: database,
        DATA_DIR: "/data",
        HOST: "0.0.0.0",
        PORT: String(apiPort),
        LOG_LEVEL: "info",
        // The load balancer stops sending within this time after a task said that it is not ready.
        SHUTDOWN_GRACE_SECONDS: "25",
        TRUST_PROXY: "true",
      }),
      secrets: keys.map((key) => ({ name: key, valueFrom: secret.key(key) })),
      mountPoints: [{ sourceVolume: "data", containerPath: "/data" }],
      // Fargate's longest: the grace, then what was begun, then what waits to be stored.
      stopTimeout: 120,
      logConfiguration: logTo(this.#args.logGroupName, this.#args.region, name),
    };
  }

  #createTask(name: string, container: ContainerDefinition, role: Role): aws.ecs.TaskDefinition {
    return new aws.ecs.TaskDefinition(
      name,
      {
        family: name,
        networkMode: "awsvpc",
        requiresCompatibilities: ["FARGATE"],
        runtimePlatform: { cpuArchitecture: "ARM64", operatingSystemFamily: "LINUX" },
        cpu: String(this.#args.size.cpu),
        memory: String(this.#args.size.memory),
        executionRoleArn: this.#args.executionRoleArn,
        taskRoleArn: role.arn,
        volumes: [{ name: "data" }],
        containerDefinitions: pulumi.jsonStringify([container]),
        skipDestroy: true,
      },
      { parent: this },
    );
  }

  #createService(task: aws.ecs.TaskDefinition, migration: aws.ecs.TaskDefinition): aws.ecs.Service {
    const { cluster, edge, size, subnetIds, securityGroupId, rollbackAlarms, hooks, nodes, logGroupName } = this.#args;
    return new aws.ecs.Service(
      this.#name,
      {
        name: this.#name,
        cluster: cluster.arn,
        taskDefinition: task.arn,
        launchType: "FARGATE",
        desiredCount: size.minTasks,
        deploymentMinimumHealthyPercent: 100,
        deploymentMaximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: true },
        alarms: { enable: true, rollback: true, alarmNames: [...rollbackAlarms] },
        availabilityZoneRebalancing: "ENABLED",
        // Seconds: the first answer of /readyz waits for ClickHouse.
        healthCheckGracePeriodSeconds: 60,
        networkConfiguration: { subnets: [...subnetIds], securityGroups: [securityGroupId] },
        loadBalancers: [{ targetGroupArn: edge.targetGroup.arn, containerName: "api", containerPort: apiPort }],
        propagateTags: "SERVICE",
        waitForSteadyState: true,
      },
      {
        parent: this,
        dependsOn: [edge.httpsListener, migration],
        // The autoscaler owns it.
        ignoreChanges: ["desiredCount"],
        deleteBeforeReplace: true,
        customTimeouts: { create: "30m", update: "30m", delete: "20m" },
        hooks: hooks.release(this.#name, {
          nodes,
          migration: pulumi.output({
            subnetIds: [...subnetIds],
            securityGroupId,
            taskDefinition: migration.arn,
            logGroup: logGroupName,
            container: "migrate",
          }),
        }),
      },
    );
  }

  #createScaling(): void {
    const { cluster, edge, size } = this.#args;
    const target = new aws.appautoscaling.Target(
      this.#name,
      {
        serviceNamespace: "ecs",
        scalableDimension: "ecs:service:DesiredCount",
        resourceId: pulumi.interpolate`service/${cluster.name}/${this.service.name}`,
        minCapacity: size.minTasks,
        maxCapacity: size.maxTasks,
      },
      { parent: this },
    );
    const follow = (name: string, metric: string, targetValue: number, resourceLabel?: pulumi.Input<string>) =>
      new aws.appautoscaling.Policy(
        `${this.#name}-${name}`,
        {
          policyType: "TargetTrackingScaling",
          serviceNamespace: target.serviceNamespace,
          scalableDimension: target.scalableDimension,
          resourceId: target.resourceId,
          targetTrackingScalingPolicyConfiguration: {
            predefinedMetricSpecification: {
              predefinedMetricType: metric,
              ...(resourceLabel === undefined ? {} : { resourceLabel }),
            },
            targetValue,
            // Seconds: up at once, down with care.
            scaleOutCooldown: 30,
            scaleInCooldown: 300,
          },
        },
        { parent: this },
      );
    follow("cpu", "ECSServiceAverageCPUUtilization", 55);
    follow(
      "requests",
      "ALBRequestCountPerTarget",
      requestsPerMinute,
      pulumi.interpolate`${edge.loadBalancer.arnSuffix}/${edge.targetGroup.arnSuffix}`,
    );
  }
}

/** Of one task: about half of what a vCPU answers. */
const requestsPerMinute = 30_000;
