import { AutoScalingClient, TerminateInstanceInAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { CloudWatchLogsClient, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListContainerInstancesCommand,
  ListTasksCommand,
  RunTaskCommand,
  UpdateContainerInstancesStateCommand,
} from "@aws-sdk/client-ecs";
import { type AwsClientStub, mockClient } from "aws-sdk-client-mock";
import type { Clock } from "../../src/hooks/poll.ts";

interface Service {
  taskDefinition: string;
  rolloutState: "COMPLETED" | "IN_PROGRESS" | "FAILED";
  healthy: boolean;
}

interface Machine {
  readonly ec2InstanceId: string;
  status: "ACTIVE" | "DRAINING";
  runningTasksCount: number;
}

const region = "eu-central-1";
const job = "arn:aws:ecs:eu-central-1:123456789012:task/millimetric/0123";

/** An ECS cluster as far as hooks and scripts look at it, with a clock that only their waiting moves. */
export class FakeCluster {
  readonly ecs = new ECSClient({ region });
  readonly logs = new CloudWatchLogsClient({ region });
  readonly autoScaling = new AutoScalingClient({ region });
  readonly services = new Map<string, Service>();
  /** By node. */
  readonly machines = new Map<string, Machine>();
  /** How the next task goes. */
  job = { exitCode: 0, log: ["applied 2, the schema is current"], room: true, seconds: 20 };
  /** What changed something, in order. */
  readonly calls: string[] = [];
  /** The input of the last task that was run. */
  lastJob: unknown;
  #now = 0;
  #later: { at: number; work: () => void }[] = [];

  constructor(services: readonly string[] = []) {
    for (const name of services) this.deploy(name, `${name}:1`);
    this.#answerAboutServices();
    this.#answerAboutMachines();
  }

  readonly clock: Clock = {
    now: () => this.#now,
    sleep: async (ms) => {
      this.#now += ms;
      const due = this.#later.filter(({ at }) => at <= this.#now);
      this.#later = this.#later.filter((one) => !due.includes(one));
      for (const { work } of due) work();
    },
  };

  deploy(name: string, taskDefinition: string): void {
    this.services.set(name, { taskDefinition, rolloutState: "COMPLETED", healthy: true });
  }

  change(name: string, changes: Partial<Service>): void {
    const service = this.services.get(name);
    if (service === undefined) throw new Error(`There is no service ${name}.`);
    Object.assign(service, changes);
  }

  /** Does something when that many seconds of waiting are over. */
  after(seconds: number, work: () => void): void {
    this.#later.push({ at: this.#now + seconds * 1000, work });
  }

  #answerAboutServices(): void {
    const ecs = mockClient(this.ecs);
    let end = 0;
    ecs.on(DescribeServicesCommand).callsFake(({ services: [name] }) => {
      const service = this.services.get(name);
      if (service === undefined) return { services: [], failures: [{ reason: "MISSING" }] };
      const { taskDefinition, rolloutState } = service;
      return { services: [{ status: "ACTIVE", deployments: [{ status: "PRIMARY", taskDefinition, rolloutState }] }] };
    });
    ecs.on(ListTasksCommand).callsFake(({ serviceName }) => ({ taskArns: [serviceName] }));
    ecs.on(RunTaskCommand).callsFake((input) => {
      if (!this.job.room) return { tasks: [], failures: [{ reason: "RESOURCE:MEMORY" }] };
      this.calls.push(`run ${input.taskDefinition}`);
      this.lastJob = input;
      end = this.#now + this.job.seconds * 1000;
      return { tasks: [{ taskArn: job }] };
    });
    ecs.on(DescribeTasksCommand).callsFake(({ tasks: [arn] }) => {
      const name = "main";
      if (arn !== job) {
        const healthy = this.services.get(arn)?.healthy === true;
        return { tasks: [{ containers: [{ name, healthStatus: healthy ? "HEALTHY" : "UNHEALTHY" }] }] };
      }
      if (this.#now < end) return { tasks: [{ lastStatus: "RUNNING" }] };
      return { tasks: [{ lastStatus: "STOPPED", containers: [{ name, exitCode: this.job.exitCode }] }] };
    });
    mockClient(this.logs)
      .on(GetLogEventsCommand)
      .callsFake(() => ({ events: this.job.log.map((message) => ({ message })) }));
    this.#answerAboutInstances(ecs);
  }

  #answerAboutInstances(ecs: AwsClientStub<ECSClient>): void {
    const node = (filter: string) => filter.split("== ")[1] ?? "";
    ecs.on(ListContainerInstancesCommand).callsFake(({ filter }) => ({
      containerInstanceArns: this.machines.has(node(filter)) ? [node(filter)] : [],
    }));
    ecs.on(DescribeContainerInstancesCommand).callsFake(({ containerInstances: [arn] }) => ({
      containerInstances: [{ containerInstanceArn: arn, ...this.machines.get(arn) }],
    }));
    ecs.on(UpdateContainerInstancesStateCommand).callsFake(({ containerInstances: [arn], status }) => {
      this.calls.push(`${status} ${arn}`);
      const machine = this.machines.get(arn);
      if (machine !== undefined) machine.status = status;
      this.after(30, () => {
        if (machine !== undefined) machine.runningTasksCount = 0;
      });
      return {};
    });
  }

  #answerAboutMachines(): void {
    mockClient(this.autoScaling)
      .on(TerminateInstanceInAutoScalingGroupCommand)
      .callsFake(({ InstanceId }) => {
        this.calls.push(`terminate ${InstanceId}`);
        const [name] = [...this.machines].find(([, { ec2InstanceId }]) => ec2InstanceId === InstanceId) ?? [];
        if (name === undefined) throw new Error(`There is no machine ${InstanceId}.`);
        this.machines.delete(name);
        this.after(60, () =>
          this.machines.set(name, { ec2InstanceId: "i-new", status: "ACTIVE", runningTasksCount: 1 }),
        );
        return {};
      });
  }
}
