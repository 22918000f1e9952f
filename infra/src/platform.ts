import * as aws from "@pulumi/aws";
import { Edge } from "./components/edge.ts";
import { Network } from "./components/network.ts";
import { Traffic } from "./components/traffic.ts";
import type { Settings } from "./config.ts";

/** Declares the whole platform and returns the stack's outputs. */
export function createPlatform(settings: Settings) {
  const { size } = settings;
  const provider = new aws.Provider("aws", {
    region: settings.region as aws.Region,
    defaultTags: { tags: { project: "millimetric", stack: settings.stack } },
  });
  const opts = { providers: [provider] };

  const network = new Network(
    "network",
    {
      cidr: settings.vpcCidr,
      region: settings.region,
      availabilityZones: settings.availabilityZones,
      natGateways: size.natGateways,
    },
    opts,
  );
  const traffic = new Traffic("traffic", { vpcId: network.vpcId }, opts);
  const edge = new Edge(
    "edge",
    {
      vpcId: network.vpcId,
      subnetIds: network.publicSubnetIds,
      securityGroupId: traffic.groupId("load-balancer"),
      domain: settings.domain,
      tls: settings.tls,
      firewall: size.firewall,
      protect: size.protectData,
    },
    opts,
  );

  return { url: edge.url, loadBalancerDnsName: edge.dnsName };
}
