/** Everything that sends or takes packets; each has a security group of its own. */
export const parties = ["load-balancer", "api", "clickhouse", "keeper", "host", "jobs"] as const;
export type Party = (typeof parties)[number];

export interface Flow {
  readonly from: Party | "internet";
  readonly to: Party | "internet";
  readonly port: number;
  readonly why: string;
}

export const apiPort = 8787;

/** All traffic that is allowed. What is not here does not pass. */
export const flows: readonly Flow[] = [
  { from: "internet", to: "load-balancer", port: 80, why: "Redirect to HTTPS" },
  { from: "internet", to: "load-balancer", port: 443, why: "Events and reads" },
  { from: "load-balancer", to: "api", port: apiPort, why: "Requests and health checks" },
  { from: "api", to: "clickhouse", port: 8123, why: "Inserts, queries, migrations" },
  { from: "jobs", to: "clickhouse", port: 9000, why: "Backups and restore drills" },
  { from: "clickhouse", to: "clickhouse", port: 9000, why: "Distributed queries" },
  { from: "clickhouse", to: "clickhouse", port: 9009, why: "Fetching parts from a sibling replica" },
  { from: "clickhouse", to: "keeper", port: 9181, why: "Coordination" },
  { from: "keeper", to: "keeper", port: 9234, why: "Raft" },
  { from: "api", to: "internet", port: 443, why: "AWS endpoints" },
  { from: "clickhouse", to: "internet", port: 443, why: "AWS endpoints" },
  { from: "keeper", to: "internet", port: 443, why: "AWS endpoints" },
  { from: "host", to: "internet", port: 443, why: "AWS endpoints" },
  { from: "jobs", to: "internet", port: 443, why: "AWS endpoints" },
];
