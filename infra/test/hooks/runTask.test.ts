import { beforeEach, describe, expect, test } from "vitest";
import { runTask } from "../../src/hooks/runTask.ts";
import { FakeCluster } from "../support/fakeCluster.ts";

describe("runTask", () => {
  let cluster: FakeCluster;
  beforeEach(() => {
    cluster = new FakeCluster();
  });
  const run = () =>
    runTask({
      ...cluster,
      cluster: "millimetric",
      taskDefinition: "api-migrate:3",
      subnetIds: ["subnet-a", "subnet-b"],
      securityGroupId: "sg-api",
      logGroup: "logs",
      container: "migrate",
    });

  test("waits until the task has ended, and returns what it said last", async () => {
    expect(await run()).toEqual(["  applied 2, the schema is current"]);
    expect(cluster.clock.now()).toBe(20_000);
  });

  test("runs in the private subnets, without a public address", async () => {
    await run();
    expect(cluster.lastJob).toMatchObject({
      launchType: "FARGATE",
      taskDefinition: "api-migrate:3",
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: ["subnet-a", "subnet-b"],
          securityGroups: ["sg-api"],
          assignPublicIp: "DISABLED",
        },
      },
    });
  });

  test("fails with the last lines of the log when the task does", async () => {
    cluster.job = { ...cluster.job, exitCode: 1, log: ["applying 0011", "column x does not exist"] };
    await expect(run()).rejects.toThrow(
      /migrate failed \(exit code 1\)[\s\S]*applying 0011\n {2}column x does not exist/,
    );
  });

  test("fails when there is no room for the task, and when it does not end", async () => {
    cluster.job = { ...cluster.job, room: false };
    await expect(run()).rejects.toThrow("could not be started: RESOURCE:MEMORY");
    cluster.job = { ...cluster.job, room: true, seconds: 7200 };
    await expect(run()).rejects.toThrow("gave up after 3600 s: the task is RUNNING");
  });
});
