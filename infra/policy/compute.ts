import * as aws from "@pulumi/aws";
import { rule } from "./rule.ts";

interface Container {
  readonly image: string;
  readonly environment?: readonly { readonly name: string }[];
}

const parse = (definitions: string): readonly Container[] => JSON.parse(definitions);

export const computePolicies = [
  rule(
    "metadata-needs-a-token",
    "A machine's metadata needs a token and stays on the machine.",
    aws.ec2.LaunchTemplate,
    ({ metadataOptions }) =>
      metadataOptions?.httpTokens === "required" && metadataOptions.httpPutResponseHopLimit === 1,
  ),
  rule(
    "data-machine-alone",
    "A machine with data is never there twice: its volume can only be in one place.",
    aws.autoscaling.Group,
    ({ minSize, maxSize, instanceRefresh }) => minSize === 1 && maxSize === 1 && instanceRefresh === undefined,
  ),
  rule(
    "bad-release-stops",
    "A service whose new tasks do not start gives up.",
    aws.ecs.Service,
    ({ deploymentCircuitBreaker }) => deploymentCircuitBreaker?.enable === true,
  ),
  rule(
    "service-not-public",
    "A task has no public address.",
    aws.ecs.Service,
    ({ networkConfiguration }) => networkConfiguration?.assignPublicIp !== true,
  ),
  rule("image-pinned", "An image is named by its digest.", aws.ecs.TaskDefinition, ({ containerDefinitions }) =>
    parse(containerDefinitions).every(({ image }) => image.includes("@sha256:")),
  ),
  rule(
    "secrets-by-reference",
    "A secret comes from the store, never as a variable in the clear.",
    aws.ecs.TaskDefinition,
    ({ containerDefinitions }) =>
      parse(containerDefinitions)
        .flatMap(({ environment = [] }) => environment)
        .every(({ name }) => !/PASSWORD|SECRET|TOKEN|PEPPER/.test(name)),
  ),
];
