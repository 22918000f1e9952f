import { allAlarms } from "./alarms.ts";
import { type Size, type SizeName, sizeNames, sizes, type VolumeSize } from "./sizes.ts";

/** US dollars on demand, us-east-1. Frankfurt is about a tenth dearer. Check them before you rely on the sum. */
const prices = {
  /** An hour. */
  instance: {
    "t4g.small": 0.0168,
    "m7g.medium": 0.0408,
    "t4g.large": 0.0672,
    "r7g.xlarge": 0.2142,
    "r7g.2xlarge": 0.4284,
  },
  fargateVcpu: 0.03238,
  fargateGib: 0.00356,
  natGateway: 0.045,
  loadBalancer: 0.0225,
  publicAddress: 0.005,
  /** A month. */
  volumeGib: 0.08,
  volumeIops: 0.005,
  volumeThroughput: 0.04,
  alarm: 0.1,
  metric: 0.3,
  secret: 0.4,
  firewall: 7,
} as const;

const hours = 730;
/** GiB; the ECS image asks for it. */
const rootVolume: VolumeSize = { gib: 30, iops: 3000, throughput: 125 };

export interface CostLine {
  readonly item: string;
  /** US dollars a month. */
  readonly usd: number;
}

/** What a size costs a month before any traffic: machines, disks, addresses. Requests, traffic and stored objects come on top. */
export function monthlyCost(size: Size): CostLine[] {
  const replicas = size.shards * size.replicas;
  const keeperHosts = size.keeper.hosts === undefined ? 0 : size.keeper.nodes;
  const { hosts } = size.keeper;
  return [
    { item: "ClickHouse machines", usd: replicas * machine(size.clickhouse.instanceType) },
    { item: "ClickHouse volumes", usd: replicas * volume(size.clickhouse.volume) },
    {
      item: "Keeper machines and volumes",
      usd: hosts === undefined ? 0 : keeperHosts * (machine(hosts.instanceType) + volume(hosts.volume)),
    },
    { item: "Root volumes", usd: (replicas + keeperHosts) * volume(rootVolume) },
    { item: "API containers (fewest)", usd: size.api.minTasks * task(size.api.cpu, size.api.memory) },
    { item: "Load balancer", usd: hours * prices.loadBalancer },
    { item: "NAT gateways", usd: size.natGateways * hours * prices.natGateway },
    { item: "Public addresses", usd: (size.natGateways + size.zones) * hours * prices.publicAddress },
    { item: "Alarms, metrics, secrets, firewall", usd: watching(size, replicas) },
  ];
}

function machine(instanceType: string): number {
  const price = Object.entries(prices.instance).find(([name]) => name === instanceType)?.[1];
  if (price === undefined) throw new Error(`There is no price for ${instanceType}.`);
  return hours * price;
}

/** 3000 IOPS and 125 MiB/s come with every gp3 volume. */
function volume({ gib, iops, throughput }: VolumeSize): number {
  return gib * prices.volumeGib + (iops - 3000) * prices.volumeIops + (throughput - 125) * prices.volumeThroughput;
}

function task(cpu: number, memory: number): number {
  return hours * ((cpu / 1024) * prices.fargateVcpu + (memory / 1024) * prices.fargateGib);
}

function watching({ keeper, firewall }: Size, replicas: number): number {
  const nodes = replicas + keeper.nodes;
  // About one alarm of each rule for each node, six values from a replica, two from a Keeper, three from the jobs.
  const alarms = allAlarms.length + nodes * 3;
  const metrics = replicas * 6 + keeper.nodes * 2 + 3;
  return alarms * prices.alarm + metrics * prices.metric + 4 * prices.secret + (firewall ? prices.firewall : 0);
}

/** The table in docs/deploy-aws.md. */
export function costTable(): string {
  const columns = sizeNames.map((name: SizeName) => monthlyCost(sizes[name]));
  const [first = []] = columns;
  const dollars = (usd: number | undefined) => String(Math.round(usd ?? 0));
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const total = columns.map((lines) => dollars(lines.reduce((sum, { usd }) => sum + usd, 0)));
  return [
    row(["US dollars a month", ...sizeNames]),
    row(["---", ...sizeNames.map(() => "---:")]),
    ...first.map(({ item }, index) => row([item, ...columns.map((lines) => dollars(lines[index]?.usd))])),
    row(["**Together**", ...total.map((sum) => `**${sum}**`)]),
  ].join("\n");
}
