import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "./config.ts";
import type { Hooks } from "./hooks/hooks.ts";
import { createApi } from "./stack/api.ts";
import { createDatabase } from "./stack/database.ts";
import { createFoundation } from "./stack/foundation.ts";
import { createJobs } from "./stack/jobs.ts";
import { createObservability, watchEverything } from "./stack/watch.ts";

/** Declares the whole platform and returns the stack's outputs. */
export function createPlatform(settings: Settings, hooks: Hooks) {
  const provider = new aws.Provider("aws", {
    region: settings.region as aws.Region,
    defaultTags: { tags: { project: "millimetric", stack: settings.stack } },
  });
  const foundation = createFoundation(settings, { providers: [provider] });
  const observability = createObservability(foundation);
  const database = createDatabase(foundation, hooks);
  const jobs = createJobs(foundation, database);
  const api = createApi(foundation, { database, observability, hooks });
  watchEverything(foundation, { database, api, observability });

  const { edge, secrets, cluster } = foundation;
  const { region } = settings;
  return {
    url: edge.url,
    loadBalancerDnsName: edge.dnsName,
    region,
    clusterName: cluster.name,
    nodes: database.services,
    hosts: database.hosts.map(({ node }) => node),
    jobs,
    /** Prints the token; it stands in no output and in no file. */
    adminTokenCommand: pulumi.interpolate`aws secretsmanager get-secret-value --region ${region} --secret-id ${secrets.api.arn} --query SecretString --output text | jq -r .ADMIN_TOKEN`,
    sqlShellCommand: `pnpm --filter ./infra sql --stack ${settings.stack}`,
  };
}
