import { type CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTasksCommand, type ECSClient, RunTaskCommand, type Task } from "@aws-sdk/client-ecs";
import { type Clock, poll } from "./poll.ts";

export interface MigrateOptions {
  readonly ecs: ECSClient;
  readonly logs: CloudWatchLogsClient;
  readonly clock: Clock;
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly logGroup: string;
  /** `awslogs-stream-prefix` and the name of the task's one container. */
  readonly container: string;
  readonly timeoutMs?: number;
}

/**
 * Runs the migration task and waits for its end. Two at a time are harmless: the migrator takes a lock and goes on where an
 * earlier one stopped.
 * @throws Error with the last lines of its log when it did not succeed.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const { ecs, cluster, clock, timeoutMs = 60 * 60_000 } = options;
  const { tasks: started, failures } = await ecs.send(
    new RunTaskCommand({
      cluster,
      taskDefinition: options.taskDefinition,
      launchType: "FARGATE",
      startedBy: "pulumi",
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [...options.subnetIds],
          securityGroups: [options.securityGroupId],
          assignPublicIp: "DISABLED",
        },
      },
    }),
  );
  const taskArn = started?.[0]?.taskArn;
  if (taskArn === undefined)
    throw new Error(`The migration could not be started: ${failures?.map(({ reason }) => reason).join(", ")}`);
  const task = await poll(
    async () => {
      const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }));
      const [found] = tasks ?? [];
      return found?.lastStatus === "STOPPED" ? found : `the migration is ${found?.lastStatus ?? "not to be found"}`;
    },
    { clock, timeoutMs, intervalMs: 5_000 },
  );
  if (task.containers?.[0]?.exitCode !== 0) throw new Error(await explain(options, task, taskArn));
}

async function explain({ logs, logGroup, container }: MigrateOptions, task: Task, taskArn: string): Promise<string> {
  const stream = `${container}/${container}/${taskArn.split("/").at(-1)}`;
  const lines = await logs
    .send(new GetLogEventsCommand({ logGroupName: logGroup, logStreamName: stream, limit: 20 }))
    .then(({ events }) => (events ?? []).map(({ message }) => `  ${message}`))
    .catch((error: unknown) => [`  (its log could not be read: ${String(error)})`]);
  const [one] = task.containers ?? [];
  const why = one?.exitCode === undefined ? (task.stoppedReason ?? one?.reason) : `exit code ${one.exitCode}`;
  return `The migration failed (${why}); the service was not changed. Its last lines:\n${lines.join("\n")}`;
}
