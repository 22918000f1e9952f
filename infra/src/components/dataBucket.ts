import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { tlsOnlyPolicy } from "../iam/policies.ts";
import { policyDocument } from "../iam/statements.ts";

export interface DataBucketArgs {
  /** Days after which objects go; without it they stay. */
  readonly expireAfterDays?: number;
  /** Keeps what was deleted or overwritten for this many days. Never for data that ClickHouse manages: it would not shrink. */
  readonly keepOldVersionsDays?: number;
  /** Refuses deletion, and stays when the stack goes. */
  readonly protect: boolean;
}

/** A private, encrypted bucket. */
export class DataBucket extends pulumi.ComponentResource {
  readonly bucket: aws.s3.Bucket;
  /** Without a slash at its end. */
  readonly url: pulumi.Output<string>;
  readonly #name: string;

  constructor(name: string, args: DataBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("millimetric:infra:DataBucket", name, {}, opts);
    this.#name = name;
    this.bucket = new aws.s3.Bucket(
      name,
      { forceDestroy: !args.protect },
      { parent: this, protect: args.protect, retainOnDelete: args.protect },
    );
    this.url = pulumi.interpolate`https://${this.bucket.bucketRegionalDomainName}`;
    this.#keepPrivate();
    this.#createLifecycle(args);
    if (args.keepOldVersionsDays !== undefined)
      new aws.s3.BucketVersioning(
        name,
        { bucket: this.bucket.id, versioningConfiguration: { status: "Enabled" } },
        { parent: this },
      );
    this.registerOutputs({ bucket: this.bucket.id });
  }

  #keepPrivate(): void {
    const bucket = this.bucket.id;
    const open = new aws.s3.BucketPublicAccessBlock(
      this.#name,
      { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
      { parent: this },
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      this.#name,
      { bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      { parent: this },
    );
    new aws.s3.BucketPolicy(
      this.#name,
      { bucket, policy: policyDocument(tlsOnlyPolicy(this.bucket.arn)) },
      // Two changes of one bucket's access at the same time answer with a conflict.
      { parent: this, dependsOn: [open] },
    );
  }

  #createLifecycle(args: DataBucketArgs): void {
    new aws.s3.BucketLifecycleConfiguration(
      this.#name,
      {
        bucket: this.bucket.id,
        rules: [
          {
            id: "housekeeping",
            status: "Enabled",
            filter: {},
            abortIncompleteMultipartUpload: { daysAfterInitiation: 3 },
            ...(args.expireAfterDays === undefined ? {} : { expiration: { days: args.expireAfterDays } }),
            ...(args.keepOldVersionsDays === undefined
              ? {}
              : { noncurrentVersionExpiration: { noncurrentDays: args.keepOldVersionsDays } }),
          },
        ],
      },
      { parent: this },
    );
  }
}
