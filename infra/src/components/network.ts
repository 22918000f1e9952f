import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { subnetCidr } from "../subnets.ts";

export interface NetworkArgs {
  /** A /16. */
  readonly cidr: string;
  readonly region: string;
  readonly availabilityZones: readonly string[];
  /** Zones beyond this number share the others' gateways. */
  readonly natGateways: number;
}

/** A VPC with a public and a private subnet in each zone; only the load balancer and the NAT gateways are public. */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly publicSubnetIds: readonly pulumi.Output<string>[];
  /** In the order of the zones. */
  readonly privateSubnetIds: readonly pulumi.Output<string>[];

  readonly #name: string;
  readonly #args: NetworkArgs;
  readonly #vpc: aws.ec2.Vpc;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:Network", name, {}, opts);
    this.#name = name;
    this.#args = args;
    this.#vpc = this.#createVpc();
    const { subnets: publicSubnets, wayOut } = this.#createPublicSubnets();
    const gateways = this.#createNatGateways(publicSubnets, wayOut);
    const { subnets, routeTables } = this.#createPrivateSubnets(gateways);
    this.#createStorageEndpoint(routeTables);
    this.vpcId = this.#vpc.id;
    this.publicSubnetIds = publicSubnets.map((subnet) => subnet.id);
    this.privateSubnetIds = subnets.map((subnet) => subnet.id);
    this.registerOutputs({
      vpcId: this.vpcId,
      publicSubnetIds: this.publicSubnetIds,
      privateSubnetIds: this.privateSubnetIds,
    });
  }

  #createVpc(): aws.ec2.Vpc {
    const vpc = new aws.ec2.Vpc(
      `${this.#name}-vpc`,
      { cidrBlock: this.#args.cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: this.#name } },
      { parent: this },
    );
    // Without rules: what forgets to name its security group reaches nothing.
    new aws.ec2.DefaultSecurityGroup(
      `${this.#name}-default`,
      { vpcId: vpc.id, ingress: [], egress: [] },
      { parent: this },
    );
    return vpc;
  }

  #createPublicSubnets() {
    const gateway = new aws.ec2.InternetGateway(`${this.#name}-igw`, { vpcId: this.#vpc.id }, { parent: this });
    const table = new aws.ec2.RouteTable(`${this.#name}-public`, { vpcId: this.#vpc.id }, { parent: this });
    const wayOut = new aws.ec2.Route(
      `${this.#name}-public-out`,
      { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id },
      { parent: this },
    );
    const subnets = this.#args.availabilityZones.map((_, zone) => this.#createSubnet("public", zone, table));
    return { subnets, wayOut };
  }

  /** AWS refuses a NAT gateway before the VPC has its way out. */
  #createNatGateways(publicSubnets: readonly aws.ec2.Subnet[], wayOut: aws.ec2.Route): aws.ec2.NatGateway[] {
    return publicSubnets.slice(0, this.#args.natGateways).map((subnet, zone) => {
      const address = new aws.ec2.Eip(`${this.#name}-nat-${zone}`, { domain: "vpc" }, { parent: this });
      return new aws.ec2.NatGateway(
        `${this.#name}-nat-${zone}`,
        { subnetId: subnet.id, allocationId: address.id },
        { parent: this, dependsOn: [wayOut] },
      );
    });
  }

  #createPrivateSubnets(gateways: readonly aws.ec2.NatGateway[]) {
    const routeTables = this.#args.availabilityZones.map((_, zone) => {
      const table = new aws.ec2.RouteTable(`${this.#name}-private-${zone}`, { vpcId: this.#vpc.id }, { parent: this });
      const gateway = gateways[zone % gateways.length];
      if (gateway === undefined) throw new Error("A private subnet needs at least one NAT gateway.");
      new aws.ec2.Route(
        `${this.#name}-private-out-${zone}`,
        { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId: gateway.id },
        { parent: this },
      );
      return table;
    });
    return { subnets: routeTables.map((table, zone) => this.#createSubnet("private", zone, table)), routeTables };
  }

  #createSubnet(kind: "public" | "private", zone: number, table: aws.ec2.RouteTable): aws.ec2.Subnet {
    const subnet = new aws.ec2.Subnet(
      `${this.#name}-${kind}-${zone}`,
      {
        vpcId: this.#vpc.id,
        availabilityZone: this.#args.availabilityZones[zone] ?? "",
        cidrBlock: subnetCidr(this.#args.cidr, kind, zone),
        mapPublicIpOnLaunch: false,
        tags: { Name: `${this.#name}-${kind}-${zone}` },
      },
      { parent: this },
    );
    new aws.ec2.RouteTableAssociation(
      `${this.#name}-${kind}-${zone}`,
      { subnetId: subnet.id, routeTableId: table.id },
      { parent: this },
    );
    return subnet;
  }

  /** Free, and keeps backups and cold data off the NAT gateways' bill. */
  #createStorageEndpoint(routeTables: readonly aws.ec2.RouteTable[]): void {
    new aws.ec2.VpcEndpoint(
      `${this.#name}-s3`,
      {
        vpcId: this.#vpc.id,
        vpcEndpointType: "Gateway",
        serviceName: `com.amazonaws.${this.#args.region}.s3`,
        routeTableIds: routeTables.map((table) => table.id),
      },
      { parent: this },
    );
  }
}
