/** Where a metric comes from: a namespace, a name and the dimensions that are not the subject's. */
export interface AlarmRule {
  /** Stable: the runbook has a chapter of this name. */
  readonly name: string;
  readonly namespace: string;
  readonly metric: string;
  readonly statistic: "Sum" | "Average" | "Maximum" | "Minimum" | "p99";
  /** Seconds. */
  readonly period: number;
  readonly periods: number;
  readonly comparison: "above" | "below";
  readonly threshold: number;
  /** What no data means. */
  readonly missing: "breaching" | "notBreaching";
  readonly description: string;
}

/** Namespace of what the nodes' monitors print. */
export const nodeNamespace = "Millimetric";

const rule = (
  name: string,
  namespace: string,
  metric: string,
  statistic: AlarmRule["statistic"],
  when: readonly [comparison: "above" | "below", threshold: number, minutes: number],
  description: string,
  missing: AlarmRule["missing"] = "notBreaching",
): AlarmRule => {
  const [comparison, threshold, periods] = when;
  return { name, namespace, metric, statistic, period: 60, periods, comparison, threshold, missing, description };
};

const alb = "AWS/ApplicationELB";

/** On the load balancer. A deployment of the API goes back while one of the first two rings. */
export const edgeAlarms: readonly AlarmRule[] = [
  rule("api-errors", alb, "HTTPCode_Target_5XX_Count", "Sum", ["above", 20, 3], "The API answers with errors."),
  rule("api-slow", alb, "TargetResponseTime", "p99", ["above", 5, 5], "One answer in a hundred takes over 5 s."),
  rule("no-target", alb, "HTTPCode_ELB_5XX_Count", "Sum", ["above", 20, 3], "The load balancer finds no task to ask."),
  rule("rejected-connections", alb, "RejectedConnectionCount", "Sum", ["above", 0, 3], "The load balancer is full."),
];
export const rollbackAlarms = ["api-errors", "api-slow"] as const;

/** On the API's target group. */
export const targetAlarms: readonly AlarmRule[] = [
  rule("api-unhealthy", alb, "UnHealthyHostCount", "Maximum", ["above", 0, 5], "A task of the API is not ready."),
  rule(
    "api-down",
    alb,
    "HealthyHostCount",
    "Minimum",
    ["below", 1, 2],
    "No task of the API is ready: events are lost.",
    "breaching",
  ),
];

/** On every ECS service. */
export const serviceAlarms: readonly AlarmRule[] = [
  rule(
    "task-missing",
    "ECS/ContainerInsights",
    "RunningTaskCount",
    "Minimum",
    ["below", 1, 10],
    "A service has no running task.",
    "breaching",
  ),
];

/** On every ClickHouse replica, by what its monitor prints. */
export const replicaAlarms: readonly AlarmRule[] = [
  rule(
    "replica-readonly",
    nodeNamespace,
    "readonly_replicas",
    "Maximum",
    ["above", 0, 5],
    "Tables take no writes.",
    "breaching",
  ),
  rule("replica-behind", nodeNamespace, "replica_delay_s", "Maximum", ["above", 300, 5], "A replica lags behind."),
  rule("too-many-parts", nodeNamespace, "most_parts", "Maximum", ["above", 300, 10], "Merges do not keep up."),
  rule(
    "disk-filling",
    nodeNamespace,
    "disk_free_percent",
    "Minimum",
    ["below", 20, 10],
    "A fifth of the disk is left.",
  ),
];

/** On every Keeper. */
export const keeperAlarms: readonly AlarmRule[] = [
  rule(
    "keeper-alone",
    nodeNamespace,
    "keeper_in_quorum",
    "Minimum",
    ["below", 1, 5],
    "A Keeper is in no quorum.",
    "breaching",
  ),
  rule("keeper-busy", nodeNamespace, "keeper_outstanding", "Maximum", ["above", 100, 10], "Keeper does not keep up."),
];

/** On every data volume. */
export const volumeAlarms: readonly AlarmRule[] = [
  rule("volume-stalled", "AWS/EBS", "VolumeStalledIOCheck", "Maximum", ["above", 0, 5], "A disk does not answer."),
];

/** On every machine's group. */
export const machineAlarms: readonly AlarmRule[] = [
  rule("machine-failed", "AWS/EC2", "StatusCheckFailed", "Maximum", ["above", 0, 5], "AWS sees a broken machine."),
];

const hourly = (name: string, metric: string, hours: number, description: string): AlarmRule => ({
  name,
  namespace: nodeNamespace,
  metric,
  statistic: "Sum",
  period: 3600,
  periods: hours,
  comparison: "below",
  threshold: 1,
  missing: "breaching",
  description,
});

/** On the scheduled tasks. An alarm looks back seven days at most, so the monthly drill rings when it fails. */
export const backupAlarms: readonly AlarmRule[] = [
  hourly("backup-missing", "backup_finished", 26, "No backup for 26 hours."),
  {
    ...hourly("restore-drill-failed", "restore_drill_failed", 1, "The newest backup could not be restored."),
    comparison: "above",
    threshold: 0,
    missing: "notBreaching",
  },
];

export const allAlarms: readonly AlarmRule[] = [
  ...edgeAlarms,
  ...targetAlarms,
  ...serviceAlarms,
  ...replicaAlarms,
  ...keeperAlarms,
  ...volumeAlarms,
  ...machineAlarms,
  ...backupAlarms,
];
