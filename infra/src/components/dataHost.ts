import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { hostPolicy, nodeTag } from "../iam/policies.ts";
import type { VolumeSize } from "../sizes.ts";
import { renderUserData } from "../userData.ts";
import type { ContainerCluster } from "./containerCluster.ts";
import { Role } from "./role.ts";

export interface DataHostArgs {
  readonly cluster: ContainerCluster;
  readonly region: string;
  /** The node that lives here, such as `s0r0`. */
  readonly node: string;
  readonly availabilityZone: string;
  readonly subnetId: pulumi.Input<string>;
  readonly securityGroupId: pulumi.Input<string>;
  readonly amiId: string;
  readonly instanceType: string;
  readonly volume: VolumeSize;
  readonly protect: boolean;
}

/**
 * A volume, and a machine that holds it. The machine may die or be replaced at any time: the next one attaches the same
 * volume. Replacing machines is a deliberate act, one at a time (`scripts/roll.ts`); a deployment never does it.
 */
export class DataHost extends pulumi.ComponentResource {
  readonly volume: aws.ebs.Volume;
  readonly group: aws.autoscaling.Group;
  readonly node: string;
  readonly subnetId: pulumi.Input<string>;
  readonly #name: string;
  readonly #args: DataHostArgs;

  constructor(name: string, args: DataHostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:DataHost", name, {}, opts);
    this.#name = name;
    this.#args = args;
    this.node = args.node;
    this.subnetId = args.subnetId;
    this.volume = this.#createVolume();
    this.group = this.#createGroup(this.#createTemplate());
    this.registerOutputs({ volumeId: this.volume.id, groupName: this.group.name });
  }

  #createVolume(): aws.ebs.Volume {
    const { volume, protect, node, availabilityZone } = this.#args;
    return new aws.ebs.Volume(
      `${this.#name}-data`,
      {
        availabilityZone,
        type: "gp3",
        size: volume.gib,
        iops: volume.iops,
        throughput: volume.throughput,
        encrypted: true,
        finalSnapshot: protect,
        tags: { Name: this.#name, [nodeTag]: node },
      },
      { parent: this, protect, retainOnDelete: protect },
    );
  }

  #createProfile(): aws.iam.InstanceProfile {
    const role = new Role(
      `${this.#name}-host`,
      {
        service: "ec2.amazonaws.com",
        statements: hostPolicy({ clusterArn: this.#args.cluster.arn, node: this.#args.node }),
      },
      { parent: this },
    );
    return new aws.iam.InstanceProfile(this.#name, { role: role.name }, { parent: this, dependsOn: [role] });
  }

  #createTemplate(): aws.ec2.LaunchTemplate {
    const { cluster, region, node, amiId, instanceType, securityGroupId } = this.#args;
    const userData = pulumi
      .all([cluster.name, this.volume.id])
      .apply(([clusterName, volumeId]) =>
        Buffer.from(renderUserData({ clusterName, node, volumeId, region })).toString("base64"),
      );
    return new aws.ec2.LaunchTemplate(
      this.#name,
      {
        imageId: amiId,
        instanceType,
        vpcSecurityGroupIds: [securityGroupId],
        iamInstanceProfile: { arn: this.#createProfile().arn },
        userData,
        metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          { deviceName: "/dev/xvda", ebs: { volumeSize: 30, volumeType: "gp3", encrypted: "true" } },
        ],
        updateDefaultVersion: true,
      },
      { parent: this },
    );
  }

  #createGroup(template: aws.ec2.LaunchTemplate): aws.autoscaling.Group {
    const tag = (key: string, value: string) => ({ key, value, propagateAtLaunch: true });
    return new aws.autoscaling.Group(
      this.#name,
      {
        minSize: 1,
        maxSize: 1,
        // One subnet: a volume cannot leave its zone.
        vpcZoneIdentifiers: [this.#args.subnetId],
        launchTemplate: {
          id: template.id,
          version: template.latestVersion.apply((version) => String(version)),
        },
        healthCheckType: "EC2",
        // The old machine must let go of the volume before the next can take it.
        instanceMaintenancePolicy: { minHealthyPercentage: 0, maxHealthyPercentage: 100 },
        tags: [tag("Name", this.#name), tag(nodeTag, this.#args.node)],
      },
      { parent: this, dependsOn: [this.volume] },
    );
  }
}
