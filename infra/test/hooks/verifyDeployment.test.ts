import { beforeEach, describe, expect, test } from "vitest";
import { verifyDeployment } from "../../src/hooks/verifyDeployment.ts";
import { FakeCluster } from "../support/fakeCluster.ts";

describe("verifyDeployment", () => {
  let cluster: FakeCluster;
  beforeEach(() => {
    cluster = new FakeCluster();
    cluster.deploy("api", "api:2");
  });
  const verify = (taskDefinition: string) =>
    verifyDeployment({ ...cluster, cluster: "millimetric", service: "api", taskDefinition });

  test("is content when what was asked for serves", async () => {
    await verify("api:2");
    expect(cluster.clock.now()).toBe(0);
  });

  test("calls a deployment that the circuit breaker took back by its name, and says what to do", async () => {
    await expect(verify("api:3")).rejects.toThrow(
      /api went back: it serves api:2, not api:3[\s\S]*pulumi up --refresh/,
    );
  });

  test("waits for a deployment that goes on", async () => {
    cluster.change("api", { rolloutState: "IN_PROGRESS" });
    cluster.after(30, () => cluster.deploy("api", "api:3"));
    await verify("api:3");
    expect(cluster.clock.now()).toBe(30_000);
  });

  test("does not take a failed deployment for a good one", async () => {
    cluster.change("api", { rolloutState: "FAILED" });
    await expect(verify("api:2")).rejects.toThrow("went back");
  });
});
