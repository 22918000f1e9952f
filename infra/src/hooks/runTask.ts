import { type CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeTasksCommand, type ECSClient, RunTaskCommand, type Task } from "@aws-sdk/client-ecs";
import { type Clock, poll } from "./poll.ts";

export interface RunTaskOptions {
  readonly ecs: ECSClient;
  readonly logs: CloudWatchLogsClient;
  readonly clock: Clock;
  readonly cluster: string;
  /** ARN, or the name of a family, whose newest revision then runs. */
  readonly taskDefinition: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
  readonly logGroup: string;
  /** `awslogs-stream-prefix` and the name of the task's one container. */
  readonly container: string;
  /** Default: an hour. */
  readonly timeoutMs?: number;
}

/**
 * Runs a Fargate task and waits for its end.
 * @returns the last lines of its log
 * @throws Error with the last lines of its log when it did not succeed
 */
export async function runTask(options: RunTaskOptions): Promise<string[]> {
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
    throw new Error(
      `The task ${options.container} could not be started: ${failures?.map(({ reason }) => reason).join(", ")}`,
    );
  const task = await poll(
    async () => {
      const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }));
      const [found] = tasks ?? [];
      return found?.lastStatus === "STOPPED" ? found : `the task is ${found?.lastStatus ?? "not to be found"}`;
    },
    { clock, timeoutMs, intervalMs: 5_000 },
  );
  const lines = await lastLines(options, taskArn);
  if (task.containers?.[0]?.exitCode === 0) return lines;
  throw new Error(`The task ${options.container} failed (${why(task)}). Its last lines:\n${lines.join("\n")}`);
}

function why(task: Task): string {
  const [one] = task.containers ?? [];
  if (one?.exitCode !== undefined) return `exit code ${one.exitCode}`;
  return task.stoppedReason ?? one?.reason ?? "no reason given";
}

async function lastLines({ logs, logGroup, container }: RunTaskOptions, taskArn: string): Promise<string[]> {
  const logStreamName = `${container}/${container}/${taskArn.split("/").at(-1)}`;
  try {
    const { events } = await logs.send(new GetLogEventsCommand({ logGroupName: logGroup, logStreamName, limit: 20 }));
    return (events ?? []).map(({ message }) => `  ${message}`);
  } catch (error) {
    return [`  (its log could not be read: ${String(error)})`];
  }
}
