import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface ContainerClusterArgs {
  readonly vpcId: pulumi.Input<string>;
  /** Private domain of the nodes' names. */
  readonly domain: string;
  readonly logRetentionDays: number;
}

/** What all containers share: the ECS cluster, the private domain, and log groups that forget. */
export class ContainerCluster extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  readonly name: pulumi.Output<string>;
  readonly namespaceId: pulumi.Output<string>;
  readonly #name: string;
  readonly #args: ContainerClusterArgs;

  constructor(name: string, args: ContainerClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:ContainerCluster", name, {}, opts);
    this.#name = name;
    this.#args = args;
    const cluster = new aws.ecs.Cluster(
      name,
      { settings: [{ name: "containerInsights", value: "enhanced" }] },
      { parent: this },
    );
    const namespace = new aws.servicediscovery.PrivateDnsNamespace(
      name,
      { name: args.domain, vpc: args.vpcId, description: "Names of the Millimetric nodes" },
      { parent: this },
    );
    this.arn = cluster.arn;
    this.name = cluster.name;
    this.namespaceId = namespace.id;
    this.registerOutputs({ arn: this.arn, name: this.name });
  }

  /** A log group for one kind of container. */
  logGroup(what: string): aws.cloudwatch.LogGroup {
    return new aws.cloudwatch.LogGroup(
      `${this.#name}-${what}`,
      { retentionInDays: this.#args.logRetentionDays },
      { parent: this },
    );
  }
}
