import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { nodeNamespace } from "../alarms.ts";
import { type DashboardNames, dashboard } from "../dashboard.ts";

/** What a monitor's or a job's JSON lines hold, and whether a value belongs to a node. */
export const lineMetrics = {
  clickhouse: [
    "readonly_replicas",
    "replica_delay_s",
    "most_parts",
    "disk_free_percent",
    "held_inserts",
    "memory_bytes",
    "keeper_in_quorum",
    "keeper_outstanding",
  ],
  jobs: ["backup_finished", "restore_drill_finished", "restore_drill_failed"],
} as const;

export interface ObservabilityArgs {
  readonly region: string;
  /** Who is written to; without it alarms only show in CloudWatch. */
  readonly alarmEmail?: string;
  readonly logGroups: Readonly<Record<keyof typeof lineMetrics, pulumi.Input<string>>>;
}

/** The topic that alarms go to, metrics made of log lines, and the dashboard. */
export class Observability extends pulumi.ComponentResource {
  readonly topicArn: pulumi.Output<string>;
  readonly #name: string;
  readonly #args: ObservabilityArgs;

  constructor(name: string, args: ObservabilityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:Observability", name, {}, opts);
    this.#name = name;
    this.#args = args;
    const topic = new aws.sns.Topic(`${name}-alarms`, {}, { parent: this });
    this.topicArn = topic.arn;
    if (args.alarmEmail !== undefined)
      new aws.sns.TopicSubscription(
        `${name}-alarms`,
        { topic: topic.arn, protocol: "email", endpoint: args.alarmEmail },
        { parent: this },
      );
    for (const metric of lineMetrics.clickhouse)
      this.#readMetric(metric, args.logGroups.clickhouse, { node: "$.node" });
    for (const metric of lineMetrics.jobs) this.#readMetric(metric, args.logGroups.jobs);
    this.registerOutputs({ topicArn: this.topicArn });
  }

  createDashboard(names: pulumi.Input<DashboardNames>): void {
    new aws.cloudwatch.Dashboard(
      this.#name,
      {
        dashboardName: pulumi.interpolate`millimetric-${pulumi.getStack()}`,
        dashboardBody: pulumi.jsonStringify(pulumi.output(names).apply((known) => dashboard(this.#args.region, known))),
      },
      { parent: this },
    );
  }

  #readMetric(metric: string, logGroupName: pulumi.Input<string>, dimensions?: Record<string, string>): void {
    new aws.cloudwatch.LogMetricFilter(
      `${this.#name}-${metric.replaceAll("_", "-")}`,
      {
        logGroupName,
        pattern: `{ $.${metric} = * }`,
        metricTransformation: {
          name: metric,
          namespace: nodeNamespace,
          value: `$.${metric}`,
          ...(dimensions === undefined ? {} : { dimensions }),
        },
      },
      { parent: this },
    );
  }
}
