import { beforeEach, describe, expect, test } from "vitest";
import { nodesInSync } from "../../src/hooks/nodesInSync.ts";
import { FakeCluster } from "../support/fakeCluster.ts";

describe("nodesInSync", () => {
  let cluster: FakeCluster;
  beforeEach(() => {
    cluster = new FakeCluster(["k1", "s0r0", "s0r1"]);
  });
  const check = (services = ["k1", "s0r0", "s0r1"]) => nodesInSync({ ...cluster, cluster: "millimetric", services });

  test("lets a change go on at once when every node is in sync", async () => {
    await check();
    expect(cluster.clock.now()).toBe(0);
  });

  test("waits for a deployment to be complete, and for a monitor to say that its node is in sync", async () => {
    cluster.change("s0r0", { rolloutState: "IN_PROGRESS" });
    cluster.change("s0r1", { healthy: false });
    cluster.after(60, () => cluster.change("s0r0", { rolloutState: "COMPLETED" }));
    cluster.after(120, () => cluster.change("s0r1", { healthy: true }));
    await check();
    expect(cluster.clock.now()).toBe(120_000);
  });

  test("names what is wrong when it gives up after a quarter of an hour", async () => {
    cluster.change("k1", { rolloutState: "FAILED" });
    cluster.change("s0r1", { healthy: false });
    await expect(check()).rejects.toThrow("after 900 s: k1 is being deployed (FAILED); s0r1: main is UNHEALTHY");
  });

  test("waits for nobody who does not exist: at the first deployment there are no siblings", async () => {
    await check(["k1", "k2", "k3"]);
    await check([]);
    expect(cluster.clock.now()).toBe(0);
  });
});
