import { nodeNamespace } from "./alarms.ts";

export interface DashboardNames {
  /** `app/…`, as CloudWatch calls the load balancer. */
  readonly loadBalancer: string;
  readonly targetGroup: string;
  readonly cluster: string;
  readonly apiService: string;
  readonly replicas: readonly string[];
  readonly keepers: readonly string[];
  readonly volumeIds: readonly string[];
}

type Metric = readonly (string | { readonly [option: string]: string })[];

/** Body of the CloudWatch dashboard: what people see at the top, why below it. */
export function dashboard(region: string, names: DashboardNames) {
  const chart = (title: string, stat: string, metrics: readonly Metric[]) => ({ title, stat, metrics });
  const balancer = (metric: string): Metric => ["AWS/ApplicationELB", metric, "LoadBalancer", names.loadBalancer];
  const nodes = (metric: string, all: readonly string[]): Metric[] =>
    all.map((node) => [nodeNamespace, metric, "node", node, { label: node }]);
  const charts = [
    chart("Requests", "Sum", [balancer("RequestCount")]),
    chart("Errors", "Sum", [balancer("HTTPCode_Target_5XX_Count"), balancer("HTTPCode_ELB_5XX_Count")]),
    chart("Slowest of a hundred answers, s", "p99", [balancer("TargetResponseTime")]),
    chart("Ready tasks", "Minimum", [
      ["AWS/ApplicationELB", "HealthyHostCount", "TargetGroup", names.targetGroup, "LoadBalancer", names.loadBalancer],
    ]),
    chart("API: CPU and memory, %", "Average", [
      ["AWS/ECS", "CPUUtilization", "ClusterName", names.cluster, "ServiceName", names.apiService],
      ["AWS/ECS", "MemoryUtilization", "ClusterName", names.cluster, "ServiceName", names.apiService],
    ]),
    chart("Free disk, %", "Minimum", nodes("disk_free_percent", names.replicas)),
    chart("Parts in the fullest partition", "Maximum", nodes("most_parts", names.replicas)),
    chart("Replica delay, s", "Maximum", nodes("replica_delay_s", names.replicas)),
    chart("Read-only tables", "Maximum", nodes("readonly_replicas", names.replicas)),
    chart("ClickHouse memory, bytes", "Maximum", nodes("memory_bytes", names.replicas)),
    chart("Keepers in the quorum", "Minimum", nodes("keeper_in_quorum", names.keepers)),
    chart(
      "Disk writes, bytes",
      "Sum",
      names.volumeIds.map((id): Metric => ["AWS/EBS", "VolumeWriteBytes", "VolumeId", id]),
    ),
  ];
  return {
    widgets: charts.map(({ title, stat, metrics }, index) => ({
      type: "metric",
      x: (index % 3) * 8,
      y: Math.floor(index / 3) * 6,
      width: 8,
      height: 6,
      properties: { title, stat, metrics, region, period: 60, view: "timeSeries" },
    })),
  };
}
