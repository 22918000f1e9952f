import { ConfigReader, type Lookup } from "./configReader.ts";
import { type Size, type SizeName, sizeNames, sizes } from "./sizes.ts";

/** Who proves that the domain is ours: Route 53 records we write, or a certificate made elsewhere. */
export type Tls =
  | { readonly kind: "hosted-zone"; readonly hostedZoneId: string }
  | { readonly kind: "certificate"; readonly certificateArn: string };

export interface Settings {
  readonly stack: string;
  readonly region: string;
  readonly sizeName: SizeName;
  /** The chosen size with the stack's own values in place. */
  readonly size: Size;
  readonly domain: string;
  readonly tls: Tls;
  readonly vpcCidr: string;
  /** In a fixed order: a volume lives in the zone of its place in this list, so never reorder it. */
  readonly availabilityZones: readonly string[];
  /** Image of the machines under ClickHouse. Taken by machines that start from now on; running ones keep theirs. */
  readonly amiId: string;
  /** Who is written to when an alarm rings. */
  readonly alarmEmail?: string;
}

/** The newest ECS image for Arm, looked up by EC2 itself when it starts a machine. */
const newestAmi = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id";

export interface SettingsSource {
  readonly stack: string;
  readonly region: string | undefined;
  /** Looks up a key of the `millimetric` namespace. */
  readonly lookup: Lookup;
}

/**
 * Reads and checks a stack's configuration.
 * @throws one Error that lists every problem and says how to set a value.
 */
export function readSettings(source: SettingsSource): Settings {
  const reader = new ConfigReader(source.lookup);
  const region = readRegion(reader, source.region);
  const sizeName = reader.oneOf("size", sizeNames);
  const domain = readDomain(reader);
  const tls = readTls(reader);
  const vpcCidr = reader.matching("vpcCidr", /^\d+\.\d+\.0\.0\/16$/, "a /16 such as 10.20.0.0/16") ?? "10.20.0.0/16";
  const size = readSize(reader, sizes[sizeName ?? "dev"]);
  const availabilityZones = readZones(reader, region ?? "", size.zones);
  const amiId = reader.matching("amiId", /^ami-[0-9a-f]{8,17}$/, "an image such as ami-0123456789abcdef0") ?? newestAmi;
  const alarmEmail = reader.matching("alarmEmail", /^[^@\s]+@[^@\s]+\.[^@\s]+$/, "an e-mail address");
  const missing = region === undefined || sizeName === undefined || domain === undefined || tls === undefined;
  if (missing || reader.problems.length > 0) throw new Error(explain(source.stack, reader.problems));
  return {
    stack: source.stack,
    region,
    sizeName,
    size,
    domain,
    tls,
    vpcCidr,
    availabilityZones,
    amiId,
    ...(alarmEmail === undefined ? {} : { alarmEmail }),
  };
}

function explain(stack: string, problems: readonly string[]): string {
  const count = problems.length === 1 ? "a problem" : `${problems.length} problems`;
  const lines = problems.map((problem) => `  - ${problem.startsWith("aws:") ? "" : "millimetric:"}${problem}`);
  return `The configuration of stack "${stack}" has ${count}:\n${lines.join("\n")}\nSet a value with: pulumi config set <key> <value>`;
}

function readRegion(reader: ConfigReader, region: string | undefined): string | undefined {
  if (region !== undefined && /^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return region;
  reader.problem("aws:region", region === undefined ? "is missing" : `is ${JSON.stringify(region)}, not a region`);
  return undefined;
}

function readDomain(reader: ConfigReader): string | undefined {
  const shape = "a host name such as events.example.com";
  const pattern = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/;
  if (reader.optional("domain") === undefined) reader.problem("domain", `is missing: ${shape}`);
  return reader.matching("domain", pattern, shape);
}

function readTls(reader: ConfigReader): Tls | undefined {
  const hostedZoneId = reader.matching(
    "hostedZoneId",
    /^Z[A-Z0-9]{5,31}$/,
    "a Route 53 zone id such as Z0123456789ABC",
  );
  const certificateArn = reader.matching("certificateArn", /^arn:aws[a-z-]*:acm:/, "the ARN of an ACM certificate");
  const given = [reader.optional("hostedZoneId"), reader.optional("certificateArn")].filter((one) => one !== undefined);
  if (given.length !== 1)
    reader.problem("hostedZoneId", "or millimetric:certificateArn: exactly one of them must be set");
  if (hostedZoneId !== undefined) return { kind: "hosted-zone", hostedZoneId };
  return certificateArn === undefined ? undefined : { kind: "certificate", certificateArn };
}

function readZones(reader: ConfigReader, region: string, count: number): readonly string[] {
  const zones = reader.list("availabilityZones") ?? ["a", "b", "c"].slice(0, count).map((letter) => region + letter);
  if (new Set(zones).size !== zones.length) reader.problem("availabilityZones", "must not name a zone twice");
  if (zones.length !== count)
    reader.problem("availabilityZones", `must name ${count} zones, but names ${zones.length}`);
  if (zones.some((zone) => !zone.startsWith(region)))
    reader.problem("availabilityZones", `must be zones of ${region || "aws:region"}`);
  return zones;
}

function readSize(reader: ConfigReader, size: Size): Size {
  const shards = reader.integer("shards", size.shards, { min: 1, max: 32 });
  const replicas = reader.integer("replicas", size.replicas, { min: 1, max: 5 });
  const instance = /^[a-z0-9]+g[a-z0-9]*\.[a-z0-9]+$/;
  const instanceType =
    reader.matching("clickhouseInstanceType", instance, "an Arm instance type such as r7g.xlarge") ??
    size.clickhouse.instanceType;
  const gib = reader.integer("clickhouseVolumeGib", size.clickhouse.volume.gib, { min: 10, max: 16_384 });
  const minTasks = reader.integer("apiMinTasks", size.api.minTasks, { min: 1, max: 100 });
  const maxTasks = reader.integer("apiMaxTasks", Math.max(size.api.maxTasks, minTasks), { min: 1, max: 200 });
  if (maxTasks < minTasks) reader.problem("apiMaxTasks", `is ${maxTasks}, but must not be below apiMinTasks`);
  return {
    ...size,
    shards,
    replicas,
    clickhouse: { instanceType, volume: { ...size.clickhouse.volume, gib } },
    api: { ...size.api, minTasks, maxTasks },
    protectData: reader.boolean("protectData", size.protectData),
  };
}
