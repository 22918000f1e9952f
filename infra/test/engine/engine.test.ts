import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StackOutputs } from "../../src/ops/stack.ts";
import { EngineStack, pulumiRoot } from "./pulumi.ts";

const suite =
  pulumiRoot === undefined ? "the real engine (skipped: no pulumi; .ci/pulumi builds it)" : "the real engine";

const services = (calls: readonly string[]) => calls.filter((call) => / Service |^run /.test(call)).map(withoutPlace);
/** ECS services and Cloud Map's have one name each; a task definition's ARN is long. */
const withoutPlace = (call: string) => call.replace(/arn:aws:ecs:.*task-definition\//, "");
const migration = (revision: number) => `run api-migrate:${revision}`;

// One stack through its life, each test after the one before.
describe.runIf(pulumiRoot !== undefined)(suite, { timeout: 600_000 }, () => {
  const platform = new EngineStack();
  const { cloud } = platform;
  beforeAll(async () => {
    await platform.open(pulumiRoot ?? "", { size: "small" });
  });
  afterAll(() => platform.close());

  const up = () => platform.step((stack) => stack.up());

  test("previews without asking the cloud for anything", async () => {
    const { calls, failure } = await platform.step((stack) => stack.preview());
    expect({ calls, failure }).toEqual({ calls: [], failure: "" });
  });

  test("up: Keepers one by one, then the replicas, then the migration, then the API", async () => {
    const { calls, failure } = await up();
    expect(failure).toBe("");
    const ordered = ["k1", "k2", "k3", "s0r0", "s0r1"].flatMap((node) => [
      `create Service ${node}`,
      `create Service ${node}`,
    ]);
    expect(services(calls)).toEqual([...ordered, migration(1), "create Service api"]);
    const outputs = await platform.stack.outputs();
    expect(outputs["url"]?.value).toBe("https://events.example.com");
    // What the scripts read.
    const { region, clusterName, nodes, hosts, jobs } = Object.fromEntries(
      Object.entries(outputs).map(([name, { value }]) => [name, value]),
    ) as StackOutputs & Record<string, unknown>;
    expect({ region, clusterName, nodes }).toEqual({
      region: "eu-central-1",
      clusterName: "millimetric-1234567",
      nodes: ["k1", "k2", "k3", "s0r0", "s0r1"],
    });
    expect(hosts.toSorted()).toEqual(nodes);
    expect(jobs).toEqual({
      subnetIds: ["network-private-0-id", "network-private-1-id", "network-private-2-id"],
      securityGroupId: "traffic-jobs-id",
      logGroup: "millimetric-jobs-1234567",
      families: { backup: "backup", "restore-drill": "restore-drill" },
    });
  });

  test("keeps every secret encrypted in the state, and shows none in an output", async () => {
    const state = platform.stateFile();
    expect(state).toContain('"ciphertext"');
    expect(state).not.toContain("clear-text-of-");
    expect(JSON.stringify(await platform.stack.outputs())).not.toContain("clear-text-of-");
  });

  test("up again: nothing changes", async () => {
    const { calls, failure } = await platform.step((stack) => stack.up({ expectNoChanges: true }));
    expect({ calls, failure }).toEqual({ calls: [], failure: "" });
  });

  test("a node that is out of sync stops the roll before any other is touched", async () => {
    await platform.configure("replicas", "3");
    cloud.cluster.change("s0r1", { healthy: false });
    const { calls, failure } = await up();
    expect(failure).toContain("s0r1: main is UNHEALTHY");
    expect(services(calls)).toEqual([]);
    cloud.cluster.change("s0r1", { healthy: true });
  });

  test("a failed migration stops the deployment before the API changes, and shows the log", async () => {
    cloud.cluster.job = { ...cloud.cluster.job, exitCode: 1, log: ["applying 0011", "no such column"] };
    const { calls, failure } = await up();
    expect(failure).toContain("migrate failed (exit code 1)");
    expect(failure).toContain("no such column");
    const rolled = ["update Service s0r0", "update Service s0r1", "create Service s0r2", "create Service s0r2"];
    expect(services(calls)).toEqual([...rolled, expect.stringMatching(/^run api-migrate:/)]);
    cloud.cluster.job = { ...cloud.cluster.job, exitCode: 0, log: ["the schema is current"] };
  });

  test("no volume, machine or bucket was touched by any of this but the new replica's", async () => {
    const owned = (await platform.resources()).filter(({ type }) => type === "aws:ebs/volume:Volume");
    expect(owned.map(({ name, protect }) => [name, protect]).toSorted()).toEqual(
      ["k1", "k2", "k3", "s0r0", "s0r1", "s0r2"].map((node) => [`host-${node}-data`, true]),
    );
  });

  test("the next up goes on where it stopped; a release that the circuit breaker takes back is a failed one", async () => {
    cloud.breaksApi = true;
    const { calls, failure } = await up();
    expect(services(calls)).toEqual([expect.stringMatching(/^run api-migrate:/), "update Service api"]);
    expect(failure).toMatch(/api went back: it serves \S*api:1, not \S*api:2/);
    expect(failure).toContain("pulumi up --refresh");
    cloud.breaksApi = false;
  });

  test("up --refresh sees what really serves, and deploys again", async () => {
    const { calls, failure } = await platform.step((stack) => stack.up({ refresh: true }));
    expect(failure).toBe("");
    expect(services(calls)).toEqual([expect.stringMatching(/^run api-migrate:/), "update Service api"]);
    expect(cloud.cluster.services.get("api")?.taskDefinition).toMatch(/api:2$/);
  });

  test("refresh finds the state true", async () => {
    const { calls, failure } = await platform.step((stack) => stack.refresh({ expectNoChanges: true }));
    expect({ calls, failure }).toEqual({ calls: [], failure: "" });
  });

  test("destroy leaves volumes, buckets and the pepper, and says that it did not take them", async () => {
    const { failure } = await platform.step((stack) => stack.destroy());
    expect(failure).toContain("protected");
    const left = (await platform.resources()).filter(({ protect }) => protect).map(({ name }) => name);
    const volumes = ["k1", "k2", "k3", "s0r0", "s0r1", "s0r2"].map((node) => `host-${node}-data`);
    expect(left.toSorted()).toEqual([...volumes, "backups", "cold", "secrets-key-pepper"].toSorted());
  });

  test("destroy takes everything once the protection is off", async () => {
    await platform.configure("protectData", "false");
    expect((await up()).failure).toBe("");
    const { calls, failure } = await platform.step((stack) => stack.destroy());
    expect(failure).toBe("");
    expect(calls).toContain("delete Volume host-s0r0-data");
    expect(await platform.resources()).toEqual([]);
  });
});
