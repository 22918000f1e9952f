import { beforeAll, describe, expect, test } from "vitest";
import { decide, type Request } from "../support/iam.ts";
import { type Run, runPlatform } from "../support/runPlatform.ts";

const place = "eu-central-1:123456789012";
const cluster = `arn:aws:ecs:${place}:cluster/millimetric`;
const cold = "arn:aws:s3:::cold-a1b2c3d";
const backups = "arn:aws:s3:::backups-a1b2c3d";
const secret = (name: string) => `arn:aws:secretsmanager:${place}:secrets-${name}`;
const repository = (name: string) => `arn:aws:ecr:${place}:images-${name}`;
const stream = (group: string) => `arn:aws:cloudwatch:${place}:millimetric-${group}:log-stream:x/y/z`;

const s3 = (action: string, resource: string): Request => ({ action: `s3:${action}`, resource });
const reads = (name: string): Request => ({ action: "secretsmanager:GetSecretValue", resource: secret(name) });
const pulls = (name: string): Request => ({ action: "ecr:BatchGetImage", resource: repository(name) });
const logs = (group: string): Request => ({ action: "logs:PutLogEvents", resource: stream(group) });
const attaches = (kind: "volume" | "instance", tag?: string): Request => ({
  action: "ec2:AttachVolume",
  resource: `arn:aws:ec2:${place}:${kind}/x-0123`,
  ...(tag === undefined ? {} : { context: { "aws:ResourceTag/millimetric:node": tag } }),
});
const runs = (family: string, on = cluster): Request => ({
  action: "ecs:RunTask",
  resource: `arn:aws:ecs:${place}:task-definition/${family}:7`,
  context: { "ecs:cluster": on },
});
const passes = (role: string, to = "ecs-tasks.amazonaws.com"): Request => ({
  action: "iam:PassRole",
  resource: `arn:aws:iam:${place}:${role}`,
  context: { "iam:PassedToService": to },
});
const anything = (action: string): Request => ({ action, resource: `arn:aws:x:${place}:y` });

/** What nobody on the platform may do. */
const never: readonly Request[] = [
  ...["iam:CreateRole", "iam:PutRolePolicy", "sts:AssumeRole", "ec2:RunInstances", "ec2:DeleteVolume"].map(anything),
  ...["ec2:DetachVolume", "ec2:CreateSnapshot", "ecs:UpdateService", "kms:Decrypt", "logs:DeleteLogGroup"].map(
    anything,
  ),
  ...[cold, backups].flatMap((bucket) => [s3("DeleteBucket", bucket), s3("PutBucketPolicy", bucket)]),
  ...[cold, backups].flatMap((bucket) => [
    s3("DeleteObjectVersion", `${bucket}/0/0/a`),
    s3("PutLifecycleConfiguration", bucket),
  ]),
];

const roles: Readonly<Record<string, { service: string; may: readonly Request[]; mayNot: readonly Request[] }>> = {
  "host-s0r0-host": {
    service: "ec2.amazonaws.com",
    may: [
      attaches("volume", "s0r0"),
      attaches("instance", "s0r0"),
      { action: "ecs:RegisterContainerInstance", resource: cluster },
      { action: "ecs:Poll", resource: `${cluster.replace(":cluster/", ":container-instance/")}/0123` },
      anything("ec2:DescribeVolumes"),
      anything("ssmmessages:OpenDataChannel"),
    ],
    mayNot: [
      attaches("volume", "s0r1"),
      attaches("instance", "s0r1"),
      attaches("volume"),
      { action: "ecs:RegisterContainerInstance", resource: `${cluster}-of-somebody-else` },
      s3("GetObject", `${cold}/0/0/a`),
      reads("clickhouse"),
      pulls("clickhouse"),
      runs("backup"),
    ],
  },
  "s0r0-task": {
    service: "ecs-tasks.amazonaws.com",
    may: [
      ...["GetObject", "PutObject", "DeleteObject", "AbortMultipartUpload"].flatMap((action) => [
        s3(action, `${cold}/0/0/abc/def`),
        s3(action, `${backups}/shard-0/2026-W01/full/.backup`),
      ]),
      s3("ListBucket", cold),
      s3("ListBucket", backups),
    ],
    mayNot: [
      s3("GetObject", `${cold}/0/1/abc`),
      s3("DeleteObject", `${cold}/1/0/abc`),
      s3("PutObject", `${cold}/0/01/abc`),
      s3("PutObject", `${backups}/shard-1/a`),
      s3("ListBucket", "arn:aws:s3:::somebody-elses"),
      reads("clickhouse"),
      attaches("volume", "s0r0"),
    ],
  },
  "s1r1-task": {
    service: "ecs-tasks.amazonaws.com",
    may: [s3("DeleteObject", `${cold}/1/1/abc`), s3("PutObject", `${backups}/shard-1/a`)],
    mayNot: [s3("DeleteObject", `${cold}/1/0/abc`), s3("PutObject", `${backups}/shard-0/a`)],
  },
  "k1-task": { service: "ecs-tasks.amazonaws.com", may: [], mayNot: [s3("GetObject", `${cold}/0/0/a`), reads("api")] },
  "api-task": {
    service: "ecs-tasks.amazonaws.com",
    may: [],
    mayNot: [s3("GetObject", `${cold}/0/0/a`), s3("ListBucket", backups), reads("api"), runs("api-migrate")],
  },
  "api-execution": {
    service: "ecs-tasks.amazonaws.com",
    may: [reads("api"), reads("migrator"), pulls("api"), logs("api"), anything("ecr:GetAuthorizationToken")],
    mayNot: [reads("clickhouse"), reads("backup"), pulls("clickhouse"), logs("clickhouse"), s3("GetObject", cold)],
  },
  "clickhouse-execution": {
    service: "ecs-tasks.amazonaws.com",
    may: [reads("clickhouse"), pulls("clickhouse"), logs("clickhouse")],
    mayNot: [reads("api"), reads("migrator"), reads("backup"), pulls("api"), logs("api")],
  },
  "jobs-execution": {
    service: "ecs-tasks.amazonaws.com",
    may: [reads("backup"), pulls("clickhouse"), logs("jobs")],
    mayNot: [reads("api"), reads("clickhouse"), pulls("api"), logs("api")],
  },
  "backup-task": {
    service: "ecs-tasks.amazonaws.com",
    may: [],
    mayNot: [s3("PutObject", `${backups}/shard-0/a`), s3("ListBucket", backups)],
  },
  "restore-drill-task": {
    service: "ecs-tasks.amazonaws.com",
    may: [s3("GetObject", `${backups}/shard-1/a`), s3("ListBucket", backups)],
    mayNot: [
      s3("PutObject", `${backups}/shard-0/a`),
      s3("DeleteObject", `${backups}/a`),
      s3("GetObject", `${cold}/0/0/a`),
    ],
  },
  "backup-scheduler": {
    service: "scheduler.amazonaws.com",
    may: [runs("backup"), passes("backup-task"), passes("jobs-execution")],
    mayNot: [
      runs("restore-drill"),
      runs("api-migrate"),
      runs("backup", `${cluster}-of-somebody-else`),
      passes("api-task"),
      passes("backup-task", "ec2.amazonaws.com"),
    ],
  },
  "restore-drill-scheduler": {
    service: "scheduler.amazonaws.com",
    may: [runs("restore-drill"), passes("restore-drill-task"), passes("jobs-execution")],
    mayNot: [runs("backup"), passes("backup-task")],
  },
};

describe("with two shards of two replicas", () => {
  let run: Run;
  beforeAll(async () => {
    run = await runPlatform("prod", { preview: false, config: { shards: "2", replicas: "2" } });
  });

  const policyOf = (role: string) =>
    run
      .ofType("aws:iam/rolePolicy:RolePolicy")
      .filter(({ raw }) => raw["role"] === run.named(role, "aws:iam/role:Role").name.concat("-1234567"))
      .map(({ raw }) => String(raw["policy"]))
      .at(0);
  const say = ({ action, resource, context }: Request) => [action, resource, ...Object.values(context ?? {})].join(" ");

  describe.each(Object.entries(roles))("%s", (role, { service, may, mayNot }) => {
    test("is for one service", () => {
      const trust = String(run.named(role, "aws:iam/role:Role").raw["assumeRolePolicy"]);
      expect(JSON.parse(trust).Statement).toMatchObject([{ Effect: "Allow", Principal: { Service: service } }]);
    });

    test("may what it must", () => {
      const policy = policyOf(role);
      expect(may.filter((request) => decide(policy, request) !== "allowed").map(say)).toEqual([]);
    });

    test("may not what it must not", () => {
      const policy = policyOf(role);
      expect([...mayNot, ...never].filter((request) => decide(policy, request) === "allowed").map(say)).toEqual([]);
    });
  });

  test("every other role has the same rights as one of these, for its own node", () => {
    const shape = (name: string) =>
      name
        .replace(/^host-[sk].*-host$/, "host-s0r0-host")
        .replace(/^s\dr\d-task$/, "s0r0-task")
        .replace(/^k\d-task$/, "k1-task");
    for (const { name } of run.ofType("aws:iam/role:Role")) expect(Object.keys(roles)).toContain(shape(name));
  });

  test.each([
    ["true", "denied by default"],
    ["false", "denied"],
  ] as const)("with TLS %s, a bucket itself says: %s", (secure, decision) => {
    const policies = run.ofType("aws:s3/bucketPolicy:BucketPolicy").map(({ raw }) => String(raw["policy"]));
    expect(policies).toHaveLength(2);
    for (const [index, bucket] of [cold, backups].entries())
      expect(
        decide(policies[index], { ...s3("GetObject", `${bucket}/a`), context: { "aws:SecureTransport": secure } }),
      ).toBe(decision);
  });
});
