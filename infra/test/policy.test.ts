import { beforeAll, describe, expect, test } from "vitest";
import { policies } from "../policy/policies.ts";
import { type SizeName, sizeNames } from "../src/sizes.ts";
import { brokenRules, type Subject } from "./support/policies.ts";
import type { Recorded } from "./support/recordingMonitor.ts";
import { type Run, runPlatform } from "./support/runPlatform.ts";

const runs = new Map<SizeName, Run>();
beforeAll(async () => {
  for (const size of sizeNames) runs.set(size, await runPlatform(size, { preview: false }));
});
const runOf = (size: SizeName) => runs.get(size) ?? fail(size);
const fail = (size: SizeName): never => {
  throw new Error(`${size} did not run`);
};

const subject = ({ type, name, raw, protect }: Recorded): Subject => ({ type, name, props: raw, protect });
const props =
  (changes: Record<string, unknown>) =>
  (one: Subject): Subject => ({ ...one, props: { ...one.props, ...changes } });
const unprotected = (one: Subject): Subject => ({ ...one, protect: false });
const renamed =
  (name: string) =>
  (one: Subject): Subject => ({ ...one, name });

/** Changes the JSON document in one property. */
const document =
  (property: string, change: (value: never) => unknown) =>
  (one: Subject): Subject =>
    props({ [property]: JSON.stringify(change(JSON.parse(String(one.props[property])) as never)) })(one);
const container = (changes: object) =>
  document("containerDefinitions", ([first, ...rest]: object[]) => [{ ...first, ...changes }, ...rest]);

const volume = "aws:ebs/volume:Volume";
const ingress = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const listener = "aws:lb/listener:Listener";
const group = "aws:autoscaling/group:Group";
const task = "aws:ecs/taskDefinition:TaskDefinition";
const service = "aws:ecs/service:Service";

/** A rule, a resource of the size `small` that keeps it, and a change that breaks it. */
const cases: readonly [rule: string, type: string, name: string, change: (one: Subject) => Subject][] = [
  ["volume-encrypted", volume, "host-s0r0-data", props({ encrypted: false })],
  ["volume-protected", volume, "host-s0r0-data", unprotected],
  ["bucket-protected", "aws:s3/bucket:Bucket", "cold", unprotected],
  [
    "bucket-not-public",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "cold",
    props({ blockPublicPolicy: false }),
  ],
  ["cold-bucket-not-versioned", "aws:s3/bucketVersioning:BucketVersioning", "backups", renamed("cold")],
  [
    "cold-bucket-does-not-expire",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "backups",
    renamed("cold"),
  ],
  ["only-web-is-public", ingress, "traffic-load-balancer-from-internet-443", props({ fromPort: 22, toPort: 22 })],
  ["only-web-is-public", ingress, "traffic-load-balancer-from-internet-80", props({ fromPort: 0 })],
  ["only-web-is-public", ingress, "traffic-api-from-load-balancer-8787", props({ cidrIpv6: "::/0" })],
  [
    "rules-are-resources",
    "aws:ec2/securityGroup:SecurityGroup",
    "traffic-api",
    props({ ingress: [{ protocol: "tcp", fromPort: 22, toPort: 22 }] }),
  ],
  ["no-public-address", "aws:ec2/subnet:Subnet", "network-public-0", props({ mapPublicIpOnLaunch: true })],
  ["modern-tls", listener, "edge-https", props({ sslPolicy: "ELBSecurityPolicy-2016-08" })],
  ["modern-tls", listener, "edge-http", props({ defaultActions: [{ type: "forward" }] })],
  ["target-group-replaceable", "aws:lb/targetGroup:TargetGroup", "edge-api", props({ name: "api" })],
  [
    "metadata-needs-a-token",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "host-k1",
    props({ metadataOptions: { httpTokens: "optional", httpPutResponseHopLimit: 1 } }),
  ],
  ["data-machine-alone", group, "host-k1", props({ maxSize: 2 })],
  ["data-machine-alone", group, "host-k1", props({ instanceRefresh: { strategy: "Rolling" } })],
  ["bad-release-stops", service, "api", props({ deploymentCircuitBreaker: { enable: false, rollback: true } })],
  ["service-not-public", service, "api", props({ networkConfiguration: { subnets: [], assignPublicIp: true } })],
  ["image-pinned", task, "s0r0", container({ image: "clickhouse/clickhouse-server:latest" })],
  ["secrets-by-reference", task, "api", container({ environment: [{ name: "ADMIN_TOKEN", value: "x" }] })],
  [
    "no-action-pattern",
    "aws:iam/rolePolicy:RolePolicy",
    "s0r0-task",
    document("policy", ({ Statement }: { Statement: object[] }) => ({
      Statement: [...Statement, { Effect: "Allow", Action: ["s3:*"], Resource: ["*"] }],
    })),
  ],
  ["logs-forget", "aws:cloudwatch/logGroup:LogGroup", "millimetric-api", props({ retentionInDays: undefined })],
  ["alarm-is-heard", "aws:cloudwatch/metricAlarm:MetricAlarm", "api-down", props({ alarmActions: [] })],
];

describe("the policy pack", () => {
  test.each(cases)("%s: a change of %s %s breaks it, and nothing else", async (rule, type, name, change) => {
    const good = subject(runOf("small").named(name, type));
    expect(await brokenRules(good)).toEqual([]);
    expect(await brokenRules(change(good))).toEqual([rule]);
  });

  test("no-broad-managed-policy: one of AWS's policies may be attached, but none that allows everything", async () => {
    const attached = (policyArn: string): Subject => ({
      type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
      name: "a",
      props: { role: "r", policyArn },
      protect: false,
    });
    expect(await brokenRules(attached("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"))).toEqual([]);
    expect(await brokenRules(attached("arn:aws:iam::aws:policy/AmazonS3FullAccess"))).toEqual([
      "no-broad-managed-policy",
    ]);
  });

  test("has no rule that is not tried here", () => {
    const tried = new Set([...cases.map(([rule]) => rule), "no-broad-managed-policy"]);
    expect(policies.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
  });

  test.each(sizeNames)("finds nothing in the size %s", async (size) => {
    for (const one of runOf(size).resources) expect(await brokenRules(subject(one)), one.urn).toEqual([]);
  });
});
