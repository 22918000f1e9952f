import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Flow, flows, type Party, parties } from "../traffic.ts";

export interface TrafficArgs {
  readonly vpcId: pulumi.Input<string>;
}

/** A security group for each party and one rule resource for each end of each allowed flow. */
export class Traffic extends pulumi.ComponentResource {
  readonly #groups: ReadonlyMap<Party, aws.ec2.SecurityGroup>;

  constructor(name: string, args: TrafficArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:Traffic", name, {}, opts);
    this.#groups = new Map(
      parties.map((party) => [
        party,
        new aws.ec2.SecurityGroup(
          `${name}-${party}`,
          // A rule may only hang on its own resource: rules inside the group and beside it undo each other.
          { namePrefix: `${name}-${party}-`, description: `Millimetric ${party}`, vpcId: args.vpcId },
          { parent: this },
        ),
      ]),
    );
    for (const flow of flows) this.#allow(name, flow);
    this.registerOutputs({});
  }

  groupId(party: Party): pulumi.Output<string> {
    const group = this.#groups.get(party);
    if (group === undefined) throw new Error(`There is no security group for ${party}.`);
    return group.id;
  }

  #allow(name: string, flow: Flow): void {
    const { from, to, port, why } = flow;
    const common = { ipProtocol: "tcp", fromPort: port, toPort: port, description: why };
    if (to !== "internet")
      new aws.vpc.SecurityGroupIngressRule(
        `${name}-${to}-from-${from}-${port}`,
        { ...common, securityGroupId: this.groupId(to), ...this.#peer(from) },
        { parent: this },
      );
    if (from !== "internet")
      new aws.vpc.SecurityGroupEgressRule(
        `${name}-${from}-to-${to}-${port}`,
        { ...common, securityGroupId: this.groupId(from), ...this.#peer(to) },
        { parent: this },
      );
  }

  #peer(party: Party | "internet") {
    return party === "internet" ? { cidrIpv4: "0.0.0.0/0" } : { referencedSecurityGroupId: this.groupId(party) };
  }
}
