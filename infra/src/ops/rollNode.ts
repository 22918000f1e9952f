import { type AutoScalingClient, TerminateInstanceInAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import {
  type ContainerInstance,
  DescribeContainerInstancesCommand,
  type ECSClient,
  ListContainerInstancesCommand,
  UpdateContainerInstancesStateCommand,
} from "@aws-sdk/client-ecs";
import { nodesInSync } from "../hooks/nodesInSync.ts";
import { type Clock, poll } from "../hooks/poll.ts";

export interface RollOptions {
  readonly ecs: ECSClient;
  readonly autoScaling: AutoScalingClient;
  readonly clock: Clock;
  readonly cluster: string;
  /** The machine's node, such as `s0r0`. */
  readonly node: string;
  /** Names of all ClickHouse and Keeper services. */
  readonly services: readonly string[];
  readonly say: (text: string) => void;
}

/**
 * Replaces a node's machine: a new one with the newest image takes its volume over. Nothing is touched before every other
 * node is in sync, and it ends when the node is, too.
 * @throws Error that says what is not as it must be
 */
export async function rollNode(options: RollOptions): Promise<void> {
  const { ecs, autoScaling, clock, cluster, node, services, say } = options;
  const wait = { clock, timeoutMs: 15 * 60_000, intervalMs: 10_000 };
  const old = await machineOf(options);
  if (old === undefined) throw new Error(`No machine of ${node} is in the cluster.`);

  say(`${node}: waiting until all other nodes are in sync`);
  await nodesInSync({ ecs, clock, cluster, services: services.filter((one) => one !== node) });

  say(`${node}: stopping what runs on ${old.ec2InstanceId}`);
  await ecs.send(
    new UpdateContainerInstancesStateCommand({
      cluster,
      containerInstances: [old.containerInstanceArn ?? ""],
      status: "DRAINING",
    }),
  );
  await poll(async () => {
    const running = (await machineOf(options))?.runningTasksCount ?? 0;
    return running === 0 ? {} : `${running} tasks still run on ${old.ec2InstanceId}`;
  }, wait);

  say(`${node}: replacing ${old.ec2InstanceId}; its volume stays`);
  await autoScaling.send(
    new TerminateInstanceInAutoScalingGroupCommand({
      InstanceId: old.ec2InstanceId ?? "",
      ShouldDecrementDesiredCapacity: false,
    }),
  );
  const fresh = await poll(async () => {
    const now = await machineOf(options);
    return now !== undefined && now.ec2InstanceId !== old.ec2InstanceId && now.status === "ACTIVE"
      ? now
      : `the new machine of ${node} has not joined`;
  }, wait);

  say(`${node}: ${fresh.ec2InstanceId} has joined; waiting until the node is in sync`);
  await nodesInSync({ ecs, clock, cluster, services });
  say(`${node}: done`);
}

/** The machine of a node; a new one before the one it replaces. */
async function machineOf({ ecs, cluster, node }: RollOptions): Promise<ContainerInstance | undefined> {
  const filter = `attribute:millimetric.node == ${node}`;
  const { containerInstanceArns = [] } = await ecs.send(new ListContainerInstancesCommand({ cluster, filter }));
  if (containerInstanceArns.length === 0) return undefined;
  const { containerInstances = [] } = await ecs.send(
    new DescribeContainerInstancesCommand({ cluster, containerInstances: containerInstanceArns }),
  );
  return containerInstances.find(({ status }) => status === "ACTIVE") ?? containerInstances[0];
}
