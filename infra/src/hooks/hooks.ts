import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { ECSClient } from "@aws-sdk/client-ecs";
import * as pulumi from "@pulumi/pulumi";
import { nodesInSync } from "./nodesInSync.ts";
import { type Clock, clock } from "./poll.ts";
import { type RunTaskOptions, runTask } from "./runTask.ts";
import { verifyDeployment } from "./verifyDeployment.ts";

/** Binds the check that `siblings` are in sync to every change of the service `name`. */
export type Gate = (name: string, siblings: readonly string[]) => pulumi.ResourceHookBinding;

export interface ReleaseOptions {
  /** Services that must be in sync before a migration starts. */
  readonly nodes: readonly string[];
  readonly migration: pulumi.Input<
    Pick<RunTaskOptions, "taskDefinition" | "subnetIds" | "securityGroupId" | "logGroup" | "container">
  >;
}

export interface Hooks {
  readonly gate: Gate;
  /** Migrates before the service changes, and makes sure afterwards that the new version serves. */
  release(name: string, options: ReleaseOptions): pulumi.ResourceHookBinding;
}

export interface HookClients {
  readonly ecs: ECSClient;
  readonly logs: CloudWatchLogsClient;
  readonly clock: Clock;
}

/**
 * What must happen between the steps of a deployment. Hooks run in this process, and not in a preview. Checks that must stop
 * a deployment come before a change: an error after it marks the deployment as failed, but lets other changes go on.
 */
export function createHooks(region: string, clients: () => HookClients = () => connect(region)): Hooks {
  return {
    gate(name, siblings) {
      if (siblings.length === 0) return {};
      const check = new pulumi.ResourceHook(`${name}-siblings-in-sync`, async ({ newInputs }) =>
        nodesInSync({ ...clients(), cluster: text(newInputs, "cluster"), services: siblings }),
      );
      return { beforeUpdate: [check] };
    },
    release(name, { nodes, migration }) {
      const before = new pulumi.ResourceHook(`${name}-migrate`, async ({ newInputs }) => {
        const cluster = text(newInputs, "cluster");
        await nodesInSync({ ...clients(), cluster, services: nodes });
        // Two at a time are harmless: the migrator takes a lock, and goes on where an earlier one stopped.
        await runTask({ ...clients(), cluster, ...(await known(migration)) });
      });
      const after = new pulumi.ResourceHook(`${name}-verify`, async ({ newInputs }) =>
        verifyDeployment({
          ...clients(),
          cluster: text(newInputs, "cluster"),
          service: text(newInputs, "name"),
          taskDefinition: text(newInputs, "taskDefinition"),
        }),
      );
      return { beforeCreate: [before], beforeUpdate: [before], afterCreate: [after], afterUpdate: [after] };
    },
  };
}

function connect(region: string): HookClients {
  return { ecs: new ECSClient({ region }), logs: new CloudWatchLogsClient({ region }), clock };
}

function text(inputs: unknown, key: string): string {
  const value = typeof inputs === "object" && inputs !== null ? Reflect.get(inputs, key) : undefined;
  if (typeof value !== "string") throw new Error(`The service has no ${key}.`);
  return value;
}

/** The value of an input; at the time a hook runs, everything its resource depends on is known. */
function known<T>(input: pulumi.Input<T>): Promise<pulumi.Unwrap<T>> {
  return new Promise((resolve) => {
    pulumi.output(input).apply(resolve);
  });
}
