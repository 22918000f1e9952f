import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { containers, waitsFor } from "./support/inspect.ts";
import { type Run, runPlatform } from "./support/runPlatform.ts";

const service = "aws:ecs/service:Service";

const twoShards = { shards: "2", replicas: "2" };

describe("a release of two shards with two replicas", () => {
  let run: Run;

  beforeAll(async () => {
    run = await runPlatform("prod", { preview: false, config: twoShards });
  });

  const before = (name: string) => [...waitsFor(run.resources, run.named(name, service))];
  const services = ["k1", "k2", "k3", "s0r0", "s1r0", "s0r1", "s1r1"];
  const servicesBefore = (name: string) => {
    const waited = new Set(before(name));
    return services.filter((one) => one !== name && waited.has(one));
  };

  test("rolls Keeper by Keeper, then one replica of each shard at a time, then the API", () => {
    expect(servicesBefore("k1")).toEqual([]);
    expect(servicesBefore("k2")).toEqual(["k1"]);
    expect(servicesBefore("k3")).toEqual(["k1", "k2"]);
    expect(servicesBefore("s0r0")).toEqual(["k1", "k2", "k3"]);
    expect(servicesBefore("s1r0")).toEqual(["k1", "k2", "k3"]);
    expect(servicesBefore("s0r1")).toEqual(["k1", "k2", "k3", "s0r0", "s1r0"]);
    expect(servicesBefore("s1r1")).toEqual(["k1", "k2", "k3", "s0r0", "s1r0"]);
    expect(servicesBefore("api")).toEqual(services);
  });

  test("makes nothing public before the VPC has its way out", () => {
    const open = [...run.ofType("aws:ec2/natGateway:NatGateway"), run.named("edge-lb")];
    expect(open).toHaveLength(4);
    for (const one of open)
      expect([...waitsFor(run.resources, one)], one.name).toEqual(
        expect.arrayContaining(["network-igw", "network-public-out"]),
      );
  });

  test("starts no machine before its way out and its rules are there", () => {
    const waited = [...waitsFor(run.resources, run.named("host-s1r1", "aws:autoscaling/group:Group"))];
    const needed = run.resources
      .filter(({ name }) => /^network-(private-out|s3|nat)|^traffic-(host|clickhouse)-to-/.test(name))
      .map(({ name }) => name);
    expect(needed.length).toBeGreaterThan(10);
    expect(waited).toEqual(expect.arrayContaining(needed));
  });

  test("asks whether the siblings are in sync before it changes a node", () => {
    for (const name of services)
      expect(run.named(name, service).hooks).toEqual({ beforeUpdate: [`${name}-siblings-in-sync`] });
  });

  test("migrates before the API changes, and checks afterwards what serves", () => {
    const api = run.named("api", service);
    expect(api.hooks).toEqual({
      beforeCreate: ["api-migrate"],
      beforeUpdate: ["api-migrate"],
      afterCreate: ["api-verify"],
      afterUpdate: ["api-verify"],
    });
    expect(before("api")).toEqual(expect.arrayContaining(["edge-https", "api-migrate"]));
    expect(api.ignoreChanges).toEqual(["desiredCount"]);
    const [migration] = containers(run.named("api-migrate", "aws:ecs/taskDefinition:TaskDefinition"));
    expect(migration?.command).toEqual(["node", "dist/migrate.js"]);
    const urls = migration?.environment?.find((one) => one.name === "CLICKHOUSE_URL")?.value;
    expect(urls).toBe(
      ["s0r0", "s1r0", "s0r1", "s1r1"].map((node) => `http://${node}.millimetric.internal:8123`).join(),
    );
    expect(migration?.environment).toContainEqual({ name: "CLICKHOUSE_USER", value: "migrator" });
  });

  test("gives the API only variables that it reads", () => {
    const source = readFileSync(new URL("../../apps/api/src/config.ts", import.meta.url), "utf8");
    const known = [...source.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name]) => name);
    expect(known.length).toBeGreaterThan(10);
    for (const name of ["api", "api-migrate"])
      for (const { environment = [], secrets = [] } of containers(
        run.named(name, "aws:ecs/taskDefinition:TaskDefinition"),
      ))
        expect(known).toEqual(expect.arrayContaining([...environment, ...secrets].map((one) => one.name)));
  });

  test("goes back by itself when the API does not hold, and never with ClickHouse", () => {
    const breaker = (name: string) => run.named(name, service).raw["deploymentCircuitBreaker"];
    expect(breaker("api")).toEqual({ enable: true, rollback: true });
    for (const name of services) expect(breaker(name), name).toEqual({ enable: true, rollback: false });
    expect(run.named("api", service).raw["alarms"]).toEqual({
      enable: true,
      rollback: true,
      alarmNames: ["api-errors-1234567", "api-slow-1234567"],
    });
  });

  test("stops the old task of a node before it starts the new one, on the machine that holds the volume", () => {
    for (const name of services) {
      const { raw } = run.named(name, service);
      expect([raw["deploymentMinimumHealthyPercent"], raw["deploymentMaximumPercent"]]).toEqual([0, 100]);
      const host = run.named(`host-${name}`, "aws:autoscaling/group:Group").raw;
      expect([host["minSize"], host["maxSize"]]).toEqual([1, 1]);
      const zone = run.named(`host-${name}-data`).raw["availabilityZone"];
      const [subnet] = host["vpcZoneIdentifiers"] as string[];
      expect(run.named(String(subnet).replace(/-id$/, ""), "aws:ec2/subnet:Subnet").raw["availabilityZone"]).toBe(zone);
    }
  });

  test("spreads the replicas of a shard, and the Keepers, over zones", () => {
    const zone = (node: string) => run.named(`host-${node}-data`).raw["availabilityZone"];
    expect(zone("s0r0")).not.toBe(zone("s0r1"));
    expect(zone("s1r0")).not.toBe(zone("s1r1"));
    expect(new Set(["k1", "k2", "k3"].map(zone)).size).toBe(3);
  });

  test("changes no machine: neither topology nor version is in what a machine starts with", () => {
    for (const { raw, name } of run.ofType("aws:ec2/launchTemplate:LaunchTemplate")) {
      const script = Buffer.from(String(raw["userData"]), "base64").toString();
      expect(script).toContain(`"millimetric.node":"${name.replace("host-", "")}"`);
      expect(script).toContain(`attach-data-volume ${name}-data-id /data`);
      expect(script).not.toMatch(/@sha256|<clickhouse>|@[A-Z_]+@/);
    }
  });
});

test("the size dev keeps Keeper beside ClickHouse on its one machine", async () => {
  const run = await runPlatform("dev", { preview: false });
  expect(run.ofType("aws:autoscaling/group:Group").map(({ name }) => name)).toEqual(["host-s0r0"]);
  for (const name of ["k1", "s0r0"])
    expect(run.named(name, service).raw["placementConstraints"]).toEqual([
      { type: "memberOf", expression: "attribute:millimetric.node == s0r0" },
    ]);
});

test("another replica adds a wave and leaves the nodes that are there as they are", async () => {
  const three = await runPlatform("prod", { preview: false, config: { ...twoShards, replicas: "3" } });
  const names = three.ofType(service).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["s0r2", "s1r2"]));
  const two = await runPlatform("prod", { preview: false, config: twoShards });
  for (const { name, raw } of two.ofType("aws:ebs/volume:Volume")) expect(three.named(name).raw, name).toEqual(raw);
});
