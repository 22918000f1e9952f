import { beforeEach, describe, expect, test } from "vitest";
import { rollNode } from "../../src/ops/rollNode.ts";
import { FakeCluster } from "../support/fakeCluster.ts";

describe("rolling a node", () => {
  const services = ["k1", "s0r0", "s0r1"];
  let cluster: FakeCluster;
  let said: string[];
  beforeEach(() => {
    said = [];
    cluster = new FakeCluster(services);
    cluster.machines.set("s0r0", { ec2InstanceId: "i-old", status: "ACTIVE", runningTasksCount: 1 });
  });
  const roll = (node: string) =>
    rollNode({ ...cluster, cluster: "millimetric", node, services, say: (text) => said.push(text) });

  test("drains, replaces and waits for the new machine, in this order", async () => {
    await roll("s0r0");
    expect(cluster.calls).toEqual(["DRAINING s0r0", "terminate i-old"]);
    expect(said.at(0)).toContain("waiting until all other nodes are in sync");
    expect(said.at(-2)).toContain("i-new has joined");
    expect(said.at(-1)).toBe("s0r0: done");
  });

  test("touches nothing while another node is out of sync", async () => {
    cluster.change("s0r1", { healthy: false });
    await expect(roll("s0r0")).rejects.toThrow("s0r1: main is UNHEALTHY");
    expect(cluster.calls).toEqual([]);
  });

  test("may replace the machine of a node that is itself broken", async () => {
    cluster.change("s0r0", { healthy: false });
    cluster.after(120, () => cluster.change("s0r0", { healthy: true }));
    await roll("s0r0");
    expect(cluster.calls).toEqual(["DRAINING s0r0", "terminate i-old"]);
  });

  test("is not done before the node is in sync again", async () => {
    cluster.after(80, () => cluster.change("s0r0", { healthy: false }));
    await expect(roll("s0r0")).rejects.toThrow("s0r0: main is UNHEALTHY");
    expect(said).not.toContain("s0r0: done");
  });

  test("terminates nothing that still runs a task", async () => {
    cluster.machines.set("s0r0", { ec2InstanceId: "i-old", status: "ACTIVE", runningTasksCount: 1 });
    cluster.after(30, () =>
      cluster.machines.set("s0r0", { ec2InstanceId: "i-old", status: "DRAINING", runningTasksCount: 1 }),
    );
    await expect(roll("s0r0")).rejects.toThrow("1 tasks still run on i-old");
    expect(cluster.calls).toEqual(["DRAINING s0r0"]);
  });

  test("knows when there is no such machine", async () => {
    await expect(roll("s9r9")).rejects.toThrow("No machine of s9r9");
  });
});
