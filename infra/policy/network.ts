import * as aws from "@pulumi/aws";
import { rule } from "./rule.ts";

const everybody = ["0.0.0.0/0", "::/0"];

export const networkPolicies = [
  rule(
    "only-web-is-public",
    "Only ports 80 and 443 of the load balancer are open to everybody.",
    aws.vpc.SecurityGroupIngressRule,
    ({ cidrIpv4, cidrIpv6, fromPort, toPort }, { name }) =>
      ![cidrIpv4, cidrIpv6].some((cidr) => cidr !== undefined && everybody.includes(cidr)) ||
      (name.startsWith("traffic-load-balancer-") && fromPort === toPort && (fromPort === 80 || fromPort === 443)),
  ),
  rule(
    "rules-are-resources",
    "A security group has no rules inside: they and rule resources undo each other.",
    aws.ec2.SecurityGroup,
    ({ ingress = [], egress = [] }) => ingress.length === 0 && egress.length === 0,
  ),
  rule(
    "no-public-address",
    "A subnet hands out no public addresses.",
    aws.ec2.Subnet,
    ({ mapPublicIpOnLaunch }) => mapPublicIpOnLaunch !== true,
  ),
  rule(
    "modern-tls",
    "A listener speaks TLS 1.2 or newer, or redirects to one that does.",
    aws.lb.Listener,
    ({ protocol, sslPolicy, defaultActions }) =>
      protocol === "HTTPS"
        ? /TLS13-1-[23]/.test(sslPolicy ?? "")
        : defaultActions.every(({ redirect }) => redirect?.protocol === "HTTPS"),
  ),
  rule(
    "target-group-replaceable",
    "A target group has a name prefix: a fixed name cannot be replaced while a listener holds it.",
    aws.lb.TargetGroup,
    ({ name, namePrefix }) => name === undefined && namePrefix !== undefined,
  ),
];
