import * as pulumi from "@pulumi/pulumi";
import type { Statement } from "./statements.ts";

type Arn = pulumi.Input<string>;

/** The tag that ties a volume, and the machine that may attach it, to one node. */
export const nodeTag = "millimetric:node";

const at = (arn: Arn, suffix: string) => pulumi.interpolate`${arn}${suffix}`;

/** What the ECS agent of a machine does, within one cluster. */
function agent(clusterArn: Arn): Statement[] {
  const machines = pulumi.output(clusterArn).apply((arn) => `${arn.replace(":cluster/", ":container-instance/")}/*`);
  return [
    {
      Sid: "JoinCluster",
      Action: [
        "ecs:DeregisterContainerInstance",
        "ecs:RegisterContainerInstance",
        "ecs:SubmitAttachmentStateChanges",
        "ecs:SubmitContainerStateChange",
        "ecs:SubmitTaskStateChange",
      ],
      Resource: [clusterArn],
    },
    { Sid: "Serve", Action: ["ecs:Poll", "ecs:StartTelemetrySession"], Resource: [machines] },
    // This action knows no resource.
    { Sid: "FindAgentEndpoint", Action: ["ecs:DiscoverPollEndpoint"], Resource: ["*"] },
  ];
}

/** Sessions of AWS Systems Manager: these actions know no resource. */
export const sessionStatement: Statement = {
  Sid: "Sessions",
  Action: [
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
  ],
  Resource: ["*"],
};

/** A machine may attach the volume of its own node to itself, and no other. */
export function hostPolicy(args: { clusterArn: Arn; node: string }): Statement[] {
  const ec2 = pulumi.output(args.clusterArn).apply((arn) => arn.replace(":ecs:", ":ec2:").replace(/:cluster\/.*/, ""));
  const condition = { StringEquals: { [`aws:ResourceTag/${nodeTag}`]: args.node } };
  return [
    {
      Sid: "AttachOwnVolume",
      Action: ["ec2:AttachVolume"],
      Resource: [at(ec2, ":volume/*"), at(ec2, ":instance/*")],
      Condition: condition,
    },
    // This action knows no resource.
    { Sid: "SeeVolumes", Action: ["ec2:DescribeVolumes"], Resource: ["*"] },
    ...agent(args.clusterArn),
    // This action knows no resource that exists before the agent has reported.
    { Sid: "ReportToSystemsManager", Action: ["ssm:UpdateInstanceInformation"], Resource: ["*"] },
    sessionStatement,
  ];
}

/** What ECS itself needs to start a task: its images, its secrets, its log group. */
export function executionPolicy(args: {
  repositoryArns: readonly Arn[];
  secretArns: readonly Arn[];
  logGroupArns: readonly Arn[];
}): Statement[] {
  const secrets: Statement[] =
    args.secretArns.length === 0
      ? []
      : [{ Sid: "ReadOwnSecrets", Action: ["secretsmanager:GetSecretValue"], Resource: args.secretArns }];
  return [
    // This action knows no resource.
    { Sid: "SignInToRegistry", Action: ["ecr:GetAuthorizationToken"], Resource: ["*"] },
    {
      Sid: "PullImages",
      Action: ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
      Resource: args.repositoryArns,
    },
    {
      Sid: "WriteLogs",
      Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
      Resource: args.logGroupArns.map((arn) => at(arn, ":log-stream:*")),
    },
    ...secrets,
  ];
}

const objectActions = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"];

/** A replica's own prefix of the cold bucket and of the backups, and the SQL shell. */
export function replicaPolicy(args: {
  coldBucketArn: Arn;
  backupBucketArn: Arn;
  shard: number;
  replica: number;
}): Statement[] {
  const prefix = `${args.shard}/${args.replica}/*`;
  return [
    { Sid: "OwnColdData", Action: objectActions, Resource: [at(args.coldBucketArn, `/${prefix}`)] },
    { Sid: "Backups", Action: objectActions, Resource: [at(args.backupBucketArn, `/shard-${args.shard}/*`)] },
    {
      Sid: "List",
      Action: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
      Resource: [args.coldBucketArn, args.backupBucketArn],
    },
    sessionStatement,
  ];
}

/** The restore drill reads backups and writes nothing. */
export function drillPolicy(args: { backupBucketArn: Arn }): Statement[] {
  return [
    { Sid: "ReadBackups", Action: ["s3:GetObject"], Resource: [at(args.backupBucketArn, "/*")] },
    { Sid: "List", Action: ["s3:GetBucketLocation", "s3:ListBucket"], Resource: [args.backupBucketArn] },
  ];
}

/** The scheduler may start these tasks in this cluster, and hand them their roles. */
export function schedulerPolicy(args: { clusterArn: Arn; taskFamilyArn: Arn; roleArns: readonly Arn[] }): Statement[] {
  return [
    {
      Sid: "StartTask",
      Action: ["ecs:RunTask"],
      // Every revision of the one family.
      Resource: [at(args.taskFamilyArn, ":*")],
      Condition: { ArnEquals: { "ecs:cluster": args.clusterArn } },
    },
    {
      Sid: "HandOverRoles",
      Action: ["iam:PassRole"],
      Resource: args.roleArns,
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
  ];
}

/** Nobody reads or writes a bucket without TLS. */
export function tlsOnlyPolicy(bucketArn: Arn): Statement[] {
  return [
    {
      Sid: "OnlyTls",
      Effect: "Deny",
      Principal: "*",
      Action: ["s3:*"],
      Resource: [bucketArn, at(bucketArn, "/*")],
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    },
  ];
}
