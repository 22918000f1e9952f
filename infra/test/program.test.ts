import { beforeAll, describe, expect, test } from "vitest";
import { sizeNames, sizes } from "../src/sizes.ts";
import { resourceCounts } from "./support/counts.ts";
import { clearTexts, containers, statements } from "./support/inspect.ts";
import { type Run, runPlatform } from "./support/runPlatform.ts";

/** Actions that AWS gives no resource to name. */
const withoutResource = new Set([
  "ec2:DescribeVolumes",
  "ecr:GetAuthorizationToken",
  "ecs:DiscoverPollEndpoint",
  "ssm:UpdateInstanceInformation",
  "ssmmessages:CreateControlChannel",
  "ssmmessages:CreateDataChannel",
  "ssmmessages:OpenControlChannel",
  "ssmmessages:OpenDataChannel",
]);

const service = "aws:ecs/service:Service";
const task = "aws:ecs/taskDefinition:TaskDefinition";

describe.each(sizeNames)("size %s", (name) => {
  const size = sizes[name];
  let preview: Run;
  let update: Run;

  beforeAll(async () => {
    preview = await runPlatform(name, { preview: true });
    update = await runPlatform(name, { preview: false });
  });

  test("declares exactly these resources, and the same ones in a preview", () => {
    const counts: Record<string, number> = {};
    for (const { type } of update.resources) counts[type] = (counts[type] ?? 0) + 1;
    expect(counts).toEqual(resourceCounts(name));
    const urns = (run: Run) => run.resources.map(({ urn }) => urn).toSorted();
    expect(urns(preview)).toEqual(urns(update));
  });

  test("gives each zone a private subnet with a way out", () => {
    const routes = update.ofType("aws:ec2/route:Route").filter((one) => one.name.startsWith("network-private-out"));
    expect(routes.map(({ raw }) => raw["routeTableId"]).toSorted()).toEqual(
      Array.from({ length: size.zones }, (_, zone) => `network-private-${zone}-id`),
    );
    const gateways = new Set(routes.map(({ raw }) => raw["natGatewayId"]));
    expect(gateways.size).toBe(size.natGateways);
  });

  test("hangs every resource below a component, and all of AWS on the one tagged provider", () => {
    for (const one of update.resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:"))) {
      expect(one.parent, one.urn).toMatch(/millimetric:infra:/);
      if (one.type.startsWith("aws:")) expect(one.provider, one.urn).toContain("pulumi:providers:aws::aws::");
    }
  });

  test(`${size.protectData ? "protects" : "lets go of"} volumes, buckets and the pepper`, () => {
    const data = [
      ...update.ofType("aws:ebs/volume:Volume"),
      ...update.ofType("aws:s3/bucket:Bucket"),
      update.named("secrets-key-pepper"),
    ];
    for (const one of data) expect(one.protect, one.name).toBe(size.protectData);
    for (const one of data.slice(0, -1)) expect(one.retainOnDelete, one.name).toBe(size.protectData);
    expect(update.ofType("aws:ebs/volume:Volume").map(({ raw }) => raw["encrypted"])).not.toContain(false);
  });

  test("shows no secret, neither to the engine nor in an output", () => {
    const shown = [...update.resources.flatMap(({ raw }) => clearTexts(raw)), ...clearTexts(update.outputs)];
    expect(shown.filter((text) => text.includes("clear-text-of-"))).toEqual([]);
    for (const definition of update.ofType(task))
      for (const { name, environment = [] } of containers(definition))
        expect(
          environment.map((variable) => variable.name).filter((one) => /PASSWORD|TOKEN|PEPPER|SECRET/.test(one)),
          name,
        ).toEqual([]);
  });

  test("opens nothing to the internet but the load balancer's 80 and 443", () => {
    const open = update
      .ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
      .filter(({ raw }) => "cidrIpv4" in raw || "cidrIpv6" in raw);
    expect(open.map(({ name, raw }) => [name, raw["fromPort"], raw["toPort"]]).toSorted()).toEqual([
      ["traffic-load-balancer-from-internet-443", 443, 443],
      ["traffic-load-balancer-from-internet-80", 80, 80],
    ]);
    for (const { raw } of update.ofType("aws:ec2/securityGroup:SecurityGroup"))
      expect(raw).not.toHaveProperty("ingress");
    for (const { raw } of update.ofType("aws:ec2/subnet:Subnet")) expect(raw["mapPublicIpOnLaunch"]).toBe(false);
    const privateSubnets = update
      .ofType("aws:ec2/subnet:Subnet")
      .filter((one) => one.name.startsWith("network-private"));
    for (const { raw, name } of update.ofType(service)) {
      const { subnets, assignPublicIp } = raw["networkConfiguration"] as {
        subnets: string[];
        assignPublicIp?: boolean;
      };
      expect(
        privateSubnets.map((subnet) => `${subnet.name}-id`),
        name,
      ).toEqual(expect.arrayContaining(subnets));
      expect(assignPublicIp, name).not.toBe(true);
    }
  });

  test("grants no action by pattern, and no resource by pattern where AWS lets one be named", () => {
    const policies = update.ofType("aws:iam/rolePolicy:RolePolicy");
    expect(policies.length).toBeGreaterThan(5);
    for (const policy of policies)
      for (const { Action, Resource } of statements(policy)) {
        expect(
          Action.filter((action) => action.includes("*")),
          policy.name,
        ).toEqual([]);
        if (Resource.includes("*"))
          expect(withoutResource, policy.name).toEqual(new Set([...withoutResource, ...Action]));
      }
    expect(update.ofType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")).toEqual([]);
  });

  test("lets every log group forget", () => {
    const groups = update.ofType("aws:cloudwatch/logGroup:LogGroup");
    expect(groups.map(({ raw }) => raw["retentionInDays"])).toEqual(groups.map(() => size.logRetentionDays));
  });

  test("pins every container to an image's digest, and the API's to a read-only root", () => {
    for (const definition of update.ofType(task))
      for (const { name, image, readonlyRootFilesystem } of containers(definition)) {
        expect(image, name).toMatch(/^[^:@]+@sha256:[0-9a-f]{64}$/);
        if (definition.name.startsWith("api")) expect(readonlyRootFilesystem).toBe(true);
      }
  });
});
