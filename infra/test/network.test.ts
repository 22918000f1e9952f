import { describe, expect, test } from "vitest";
import { sizeNames, sizes } from "../src/sizes.ts";
import { runPlatform } from "./support/runPlatform.ts";

describe.each(sizeNames.flatMap((size) => [true, false].map((preview) => ({ size, preview }))))(
  "$size, preview $preview",
  ({ size, preview }) => {
    test("gives each zone a public and a private subnet, and each private one a way out", async () => {
      const run = await runPlatform(size, { preview });
      const { zones, natGateways } = sizes[size];
      expect(run.ofType("aws:ec2/subnet:Subnet")).toHaveLength(2 * zones);
      expect(run.ofType("aws:ec2/natGateway:NatGateway")).toHaveLength(natGateways);
      const ways = run.ofType("aws:ec2/route:Route").filter((route) => route.name.startsWith("network-private-out"));
      expect(ways).toHaveLength(zones);
    });

    test("opens nothing to the internet but the load balancer's 80 and 443", async () => {
      const run = await runPlatform(size, { preview });
      const open = run
        .ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
        .filter((rule) => "cidrIpv4" in rule.raw || "cidrIpv6" in rule.raw);
      expect(open.map((rule) => [rule.name, rule.raw["fromPort"], rule.raw["toPort"]])).toEqual([
        ["traffic-load-balancer-from-internet-80", 80, 80],
        ["traffic-load-balancer-from-internet-443", 443, 443],
      ]);
      const publicIps = run.ofType("aws:ec2/subnet:Subnet").map((subnet) => subnet.raw["mapPublicIpOnLaunch"]);
      expect(new Set(publicIps)).toEqual(new Set([false]));
    });

    test("hangs every resource below a component, and all of AWS on the one tagged provider", async () => {
      const run = await runPlatform(size, { preview });
      const custom = run.resources.filter((one) => one.type.startsWith("aws:"));
      expect(custom.length).toBeGreaterThan(30);
      for (const one of custom) {
        expect(one.parent, one.name).toMatch(/millimetric:infra:/);
        expect(one.provider, one.name).toContain("pulumi:providers:aws::aws::");
      }
    });
  },
);
