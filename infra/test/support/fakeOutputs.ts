import type { MockResourceArgs } from "@pulumi/pulumi/runtime/mocks.js";

const region = "eu-central-1";
const account = "123456789012";

/** What AWS would add to the inputs, as far as this program reads it. */
const computed: Readonly<Record<string, (name: string) => Record<string, unknown>>> = {
  "aws:lb/loadBalancer:LoadBalancer": (name) => ({
    dnsName: `${name}.${region}.elb.amazonaws.com`,
    zoneId: "Z215JYRZR1TBD5",
    arnSuffix: `app/${name}/50dc6c495c0c9188`,
  }),
  "aws:lb/targetGroup:TargetGroup": (name) => ({ arnSuffix: `targetgroup/${name}/73e2d6bc24d8a067` }),
  "aws:acm/certificate:Certificate": () => ({
    domainValidationOptions: [
      { resourceRecordName: "_x.example.com", resourceRecordType: "CNAME", resourceRecordValue: "_y.acm.aws" },
    ],
  }),
  "aws:route53/record:Record": (name) => ({ fqdn: `${name}.example.com` }),
  "aws:s3/bucket:Bucket": (name) => ({
    bucket: `${name}-a1b2c3d`,
    arn: `arn:aws:s3:::${name}-a1b2c3d`,
    bucketRegionalDomainName: `${name}-a1b2c3d.s3.${region}.amazonaws.com`,
  }),
  "aws:ecs/cluster:Cluster": (name) => ({ arn: `arn:aws:ecs:${region}:${account}:cluster/${name}` }),
  "aws:ecs/taskDefinition:TaskDefinition": (name) => ({
    arn: `arn:aws:ecs:${region}:${account}:task-definition/${name}:1`,
    arnWithoutRevision: `arn:aws:ecs:${region}:${account}:task-definition/${name}`,
  }),
  "aws:ec2/launchTemplate:LaunchTemplate": () => ({ latestVersion: 1 }),
  "aws:ecr/repository:Repository": (name) => ({
    registryId: account,
    repositoryUrl: `${account}.dkr.ecr.${region}.amazonaws.com/${name}`,
  }),
  "docker-build:index:Image": (name) => ({
    ref: `${account}.dkr.ecr.${region}.amazonaws.com/${name}:latest@sha256:${"0".repeat(64)}`,
  }),
  "random:index/randomPassword:RandomPassword": (name) => ({ result: `clear-text-of-${name}` }),
};

/** What the provider makes up when the program leaves the physical name to it. */
const namedByProvider = ["Cluster", "LogGroup", "Role", "Group", "MetricAlarm", "Repository"];

/** In a preview nothing is known that only the cloud can tell. */
export function fakeOutputs(args: MockResourceArgs, preview: boolean) {
  if (args.custom !== true || preview) return { id: preview ? "" : `${args.name}-id`, state: args.inputs };
  const [, token = "", kind = ""] = args.type.split(":");
  return {
    id: `${args.name}-id`,
    state: {
      arn: `arn:aws:${token.split("/")[0]}:${region}:${account}:${args.name}`,
      ...(namedByProvider.includes(kind) ? { name: `${args.name}-1234567` } : {}),
      ...args.inputs,
      ...computed[args.type]?.(args.name),
    },
  };
}
