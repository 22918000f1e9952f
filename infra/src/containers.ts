import type * as pulumi from "@pulumi/pulumi";

type Text = pulumi.Input<string>;

/** The part of an ECS container definition that this program uses, in ECS's own words. */
export interface ContainerDefinition {
  readonly name: string;
  readonly image: Text;
  readonly essential: boolean;
  readonly command?: readonly Text[];
  readonly entryPoint?: readonly Text[];
  readonly user?: string;
  readonly readonlyRootFilesystem: boolean;
  /** MiB that are set aside on the machine; a container may take more. */
  readonly memoryReservation?: number;
  readonly environment?: readonly { readonly name: string; readonly value: Text }[];
  readonly secrets?: readonly { readonly name: string; readonly valueFrom: Text }[];
  readonly portMappings?: readonly { readonly containerPort: number }[];
  readonly mountPoints?: readonly { readonly sourceVolume: string; readonly containerPath: string }[];
  readonly ulimits?: readonly { readonly name: string; readonly softLimit: number; readonly hardLimit: number }[];
  readonly healthCheck?: {
    readonly command: readonly string[];
    /** Seconds. */
    readonly interval: number;
    readonly timeout: number;
    readonly retries: number;
    readonly startPeriod: number;
  };
  /** Seconds between SIGTERM and SIGKILL. */
  readonly stopTimeout?: number;
  readonly dependsOn?: readonly { readonly containerName: string; readonly condition: "START" | "HEALTHY" }[];
  readonly logConfiguration: {
    readonly logDriver: "awslogs";
    readonly options: { readonly [name: string]: Text };
  };
}

/** ECS wants names and values in a list; sorted, so that nothing changes when the code's order does. */
export function environment(values: Readonly<Record<string, Text>>): { name: string; value: Text }[] {
  return Object.entries(values)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value }));
}

/** A container never waits for its logs: lines are dropped when CloudWatch is slow. */
export function logTo(group: Text, region: string, prefix: string): ContainerDefinition["logConfiguration"] {
  return {
    logDriver: "awslogs",
    options: {
      "awslogs-group": group,
      "awslogs-region": region,
      "awslogs-stream-prefix": prefix,
      mode: "non-blocking",
      "max-buffer-size": "4m",
    },
  };
}
