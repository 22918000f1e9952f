import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tls } from "../config.ts";
import { apiPort } from "../traffic.ts";

export interface EdgeArgs {
  readonly vpcId: pulumi.Input<string>;
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
  readonly domain: string;
  readonly tls: Tls;
  /** Rate rule and AWS's list of known bad addresses in front of the load balancer. */
  readonly firewall: boolean;
  readonly protect: boolean;
}

/** Generous: the beacons of a whole office arrive from one address. Requests of one address in five minutes. */
const requestsPerAddress = 20_000;

/** The public side: load balancer, certificate, DNS name, request firewall. */
export class Edge extends pulumi.ComponentResource {
  readonly url: string;
  /** Where the domain must point when its DNS is kept elsewhere. */
  readonly dnsName: pulumi.Output<string>;
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly targetGroup: aws.lb.TargetGroup;
  /** A service may only join the target group once this exists. */
  readonly httpsListener: aws.lb.Listener;

  readonly #name: string;
  readonly #args: EdgeArgs;

  constructor(name: string, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:Edge", name, {}, opts);
    this.#name = name;
    this.#args = args;
    this.loadBalancer = this.#createLoadBalancer();
    this.targetGroup = this.#createTargetGroup();
    this.httpsListener = this.#createListeners(this.#createCertificate());
    this.#createAlias();
    if (args.firewall) this.#createFirewall();
    this.url = `https://${args.domain}`;
    this.dnsName = this.loadBalancer.dnsName;
    this.registerOutputs({ url: this.url, dnsName: this.dnsName });
  }

  #createLoadBalancer(): aws.lb.LoadBalancer {
    return new aws.lb.LoadBalancer(
      `${this.#name}-lb`,
      {
        loadBalancerType: "application",
        subnets: [...this.#args.subnetIds],
        securityGroups: [this.#args.securityGroupId],
        // Seconds. Node must keep idle connections longer than this, or a reused one breaks.
        idleTimeout: 60,
        dropInvalidHeaderFields: true,
        enableDeletionProtection: this.#args.protect,
      },
      { parent: this },
    );
  }

  #createTargetGroup(): aws.lb.TargetGroup {
    return new aws.lb.TargetGroup(
      `${this.#name}-api`,
      {
        // A fixed name cannot be replaced while a listener holds it. At most six characters.
        namePrefix: "mm-",
        targetType: "ip",
        vpcId: this.#args.vpcId,
        port: apiPort,
        protocol: "HTTP",
        loadBalancingAlgorithmType: "least_outstanding_requests",
        deregistrationDelay: 30,
        healthCheck: { path: "/readyz", matcher: "200", interval: 10, timeout: 5, healthyThreshold: 2 },
      },
      { parent: this },
    );
  }

  #createCertificate(): pulumi.Input<string> {
    const { tls, domain } = this.#args;
    if (tls.kind === "certificate") return tls.certificateArn;
    const certificate = new aws.acm.Certificate(
      `${this.#name}-certificate`,
      { domainName: domain, validationMethod: "DNS" },
      { parent: this },
    );
    // One domain has one validation option.
    const proof = certificate.domainValidationOptions.apply(([option]) => {
      if (option === undefined) throw new Error(`ACM offers no way to validate ${domain}.`);
      return option;
    });
    const record = new aws.route53.Record(
      `${this.#name}-validation`,
      {
        zoneId: tls.hostedZoneId,
        name: proof.resourceRecordName,
        type: proof.resourceRecordType,
        records: [proof.resourceRecordValue],
        ttl: 60,
        allowOverwrite: true,
      },
      { parent: this },
    );
    return new aws.acm.CertificateValidation(
      `${this.#name}-validated`,
      { certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
      { parent: this },
    ).certificateArn;
  }

  #createListeners(certificateArn: pulumi.Input<string>): aws.lb.Listener {
    new aws.lb.Listener(
      `${this.#name}-http`,
      {
        loadBalancerArn: this.loadBalancer.arn,
        port: 80,
        protocol: "HTTP",
        defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", port: "443", statusCode: "HTTP_301" } }],
      },
      { parent: this },
    );
    return new aws.lb.Listener(
      `${this.#name}-https`,
      {
        loadBalancerArn: this.loadBalancer.arn,
        port: 443,
        protocol: "HTTPS",
        sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
        certificateArn,
        defaultActions: [{ type: "forward", targetGroupArn: this.targetGroup.arn }],
      },
      { parent: this },
    );
  }

  #createAlias(): void {
    const { tls, domain } = this.#args;
    if (tls.kind === "certificate") return;
    new aws.route53.Record(
      `${this.#name}-alias`,
      {
        zoneId: tls.hostedZoneId,
        name: domain,
        type: "A",
        aliases: [{ name: this.loadBalancer.dnsName, zoneId: this.loadBalancer.zoneId, evaluateTargetHealth: true }],
      },
      { parent: this },
    );
  }

  #createFirewall(): void {
    const visible = (metricName: string) => ({
      metricName,
      cloudwatchMetricsEnabled: true,
      sampledRequestsEnabled: false,
    });
    const acl = new aws.wafv2.WebAcl(
      `${this.#name}-firewall`,
      {
        scope: "REGIONAL",
        defaultAction: { allow: {} },
        visibilityConfig: visible("firewall"),
        rules: [
          {
            name: "known-bad-addresses",
            priority: 0,
            overrideAction: { none: {} },
            statement: {
              managedRuleGroupStatement: { vendorName: "AWS", name: "AWSManagedRulesAmazonIpReputationList" },
            },
            visibilityConfig: visible("known-bad-addresses"),
          },
          {
            name: "requests-per-address",
            priority: 1,
            action: { block: {} },
            statement: {
              rateBasedStatement: { limit: requestsPerAddress, evaluationWindowSec: 300, aggregateKeyType: "IP" },
            },
            visibilityConfig: visible("requests-per-address"),
          },
        ],
      },
      { parent: this },
    );
    new aws.wafv2.WebAclAssociation(
      `${this.#name}-firewall`,
      { resourceArn: this.loadBalancer.arn, webAclArn: acl.arn },
      { parent: this },
    );
  }
}
