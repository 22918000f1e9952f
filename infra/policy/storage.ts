import * as aws from "@pulumi/aws";
import { rule } from "./rule.ts";

/** The bucket whose objects only ClickHouse may delete. */
const cold = "cold";

export const storagePolicies = [
  rule("volume-encrypted", "A volume is encrypted.", aws.ebs.Volume, ({ encrypted }) => encrypted === true),
  rule(
    "volume-protected",
    "A volume that is worth a final snapshot is protected.",
    aws.ebs.Volume,
    ({ finalSnapshot }, { opts }) => finalSnapshot !== true || opts.protect,
  ),
  rule(
    "bucket-protected",
    "A bucket is protected, unless it may be deleted with all it holds.",
    aws.s3.Bucket,
    ({ forceDestroy }, { opts }) => forceDestroy === true || opts.protect,
  ),
  rule(
    "bucket-not-public",
    "Nothing makes a bucket public.",
    aws.s3.BucketPublicAccessBlock,
    ({ blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets }) =>
      [blockPublicAcls, blockPublicPolicy, ignorePublicAcls, restrictPublicBuckets].every((one) => one === true),
  ),
  rule(
    "cold-bucket-not-versioned",
    "The cold bucket keeps no versions: it would never shrink.",
    aws.s3.BucketVersioning,
    ({ versioningConfiguration }, { name }) => name !== cold || versioningConfiguration.status !== "Enabled",
  ),
  rule(
    "cold-bucket-does-not-expire",
    "Nothing in the cold bucket expires or moves: ClickHouse would miss it.",
    aws.s3.BucketLifecycleConfiguration,
    ({ rules = [] }, { name }) =>
      name !== cold ||
      rules.every(({ expiration, transitions }) => expiration === undefined && transitions === undefined),
  ),
];
