import * as aws from "@pulumi/aws";
import * as docker from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";

export interface ImagesArgs {
  /** Absolute path of the repository. */
  readonly root: string;
}

export interface PushedImage {
  /** With its digest, so that a task definition never means two images. */
  readonly ref: pulumi.Output<string>;
  readonly repositoryArn: pulumi.Output<string>;
}

/** Untagged images older than this go: enough to roll back, cheap enough to forget. */
const keepImages = 20;

/** Builds the platform's two images for Arm and pushes them to the account's own registry. */
export class Images extends pulumi.ComponentResource {
  readonly api: PushedImage;
  /** ClickHouse and Keeper: the same binary, started differently. */
  readonly clickhouse: PushedImage;
  readonly #name: string;

  constructor(name: string, args: ImagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:Images", name, {}, opts);
    this.#name = name;
    this.api = this.#build("api", args.root, `${args.root}/apps/api/Dockerfile`);
    const clickhouse = `${args.root}/infra/docker/clickhouse`;
    this.clickhouse = this.#build("clickhouse", clickhouse, `${clickhouse}/Dockerfile`);
    this.registerOutputs({ api: this.api.ref, clickhouse: this.clickhouse.ref });
  }

  #build(what: string, context: string, dockerfile: string): PushedImage {
    const name = `${this.#name}-${what}`;
    const repository = new aws.ecr.Repository(
      name,
      { forceDelete: true, imageScanningConfiguration: { scanOnPush: true }, imageTagMutability: "MUTABLE" },
      { parent: this },
    );
    new aws.ecr.LifecyclePolicy(
      name,
      { repository: repository.name, policy: JSON.stringify({ rules: [forgetOldImages] }) },
      { parent: this },
    );
    const registry = aws.ecr.getAuthorizationTokenOutput({ registryId: repository.registryId }, { parent: this });
    const image = new docker.Image(
      name,
      {
        context: { location: context },
        dockerfile: { location: dockerfile },
        platforms: [docker.Platform.Linux_arm64],
        push: true,
        buildOnPreview: false,
        tags: [pulumi.interpolate`${repository.repositoryUrl}:latest`],
        registries: [
          {
            address: repository.repositoryUrl,
            username: registry.userName,
            password: pulumi.secret(registry.password),
          },
        ],
      },
      { parent: this },
    );
    // A tag beside the digest says nothing, and invites doubts about which of them counts.
    return { ref: image.ref.apply((ref) => ref.replace(/:[^:/@]+@/, "@")), repositoryArn: repository.arn };
  }
}

const forgetOldImages = {
  rulePriority: 1,
  description: `Keep the last ${keepImages}`,
  selection: { tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: keepImages },
  action: { type: "expire" },
};
