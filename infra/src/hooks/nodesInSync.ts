import { DescribeServicesCommand, DescribeTasksCommand, type ECSClient, ListTasksCommand } from "@aws-sdk/client-ecs";
import { type Clock, poll } from "./poll.ts";

export interface InSyncOptions {
  readonly ecs: ECSClient;
  readonly clock: Clock;
  /** Name or ARN of the ECS cluster. */
  readonly cluster: string;
  /** Names of services. One that does not exist (yet) needs no waiting. */
  readonly services: readonly string[];
  readonly timeoutMs?: number;
}

/**
 * Waits until every node's deployment is complete and its monitor says that it is in sync: the gate in front of every change
 * of a node, so that never two of a shard or of the quorum are away at the same time.
 * @throws Error naming the nodes that are not.
 */
export async function nodesInSync(options: InSyncOptions): Promise<void> {
  const { clock, services, timeoutMs = 15 * 60_000 } = options;
  if (services.length === 0) return;
  await poll(
    async () => {
      const troubles = (await Promise.all(services.map((service) => trouble(options, service)))).flat();
      return troubles.length === 0 ? {} : troubles.join("; ");
    },
    { clock, timeoutMs, intervalMs: 10_000 },
  );
}

async function trouble({ ecs, cluster }: InSyncOptions, name: string): Promise<string[]> {
  const described = await ecs.send(new DescribeServicesCommand({ cluster, services: [name] }));
  const service = described.services?.find(({ status }) => status === "ACTIVE");
  if (service === undefined) return [];
  const primary = service.deployments?.find(({ status }) => status === "PRIMARY");
  if (service.deployments?.length !== 1 || primary?.rolloutState !== "COMPLETED")
    return [`${name} is being deployed (${primary?.rolloutState ?? "unknown"})`];
  const { taskArns } = await ecs.send(new ListTasksCommand({ cluster, serviceName: name, desiredStatus: "RUNNING" }));
  if (taskArns === undefined || taskArns.length === 0) return [`${name} does not run`];
  const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
  return (tasks ?? [])
    .flatMap(({ containers }) => containers ?? [])
    .filter(({ healthStatus }) => healthStatus !== "HEALTHY")
    .map((container) => `${name}: ${container.name} is ${container.healthStatus ?? "UNKNOWN"}`);
}
