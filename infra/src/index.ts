import * as pulumi from "@pulumi/pulumi";
import { readSettings } from "./config.ts";
import { createHooks } from "./hooks/hooks.ts";
import { createPlatform } from "./platform.ts";

const config = new pulumi.Config("millimetric");
const settings = readSettings({
  stack: pulumi.getStack(),
  region: new pulumi.Config("aws").get("region"),
  lookup: (key) => config.get(key),
});

export const { url, loadBalancerDnsName, adminTokenCommand, sqlShellCommand, region, clusterName, nodes, hosts, jobs } =
  createPlatform(settings, createHooks(settings.region));
