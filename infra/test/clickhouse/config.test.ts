import { readFileSync } from "node:fs";
import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { renderDrillConfig } from "../../src/clickhouse/drillConfig.ts";
import { renderKeeperConfig } from "../../src/clickhouse/keeperConfig.ts";
import { renderServerConfig } from "../../src/clickhouse/serverConfig.ts";
import type { Topology } from "../../src/clickhouse/topology.ts";
import { renderUsersConfig } from "../../src/clickhouse/usersConfig.ts";
import { renderXml } from "../../src/clickhouse/xml.ts";
import { Engine } from "../support/engine.ts";

const topology: Topology = { shards: 2, replicas: 2, keepers: 3, domain: "millimetric.internal" };
const server = renderServerConfig({ topology, memoryRatio: 0.5, cold: true });

test.each([
  ["server", server],
  ["users", renderUsersConfig()],
  ["keeper", renderKeeperConfig(topology)],
  ["drill", renderDrillConfig()],
])("the %s configuration is well-formed and holds no secret", (_, xml) => {
  expect(XMLValidator.validate(xml)).toBe(true);
  expect(xml).not.toMatch(/<(password|secret|password_sha256_hex)>/);
});

test("any text survives the writing of XML", () => {
  const parser = new XMLParser({ parseTagValue: false, trimValues: false });
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: fc.constantFrom(..."<>&\"'a ;\n-é") }), (text) => {
      const content = `x${text}x`;
      expect(parser.parse(renderXml("a", { b: content }))).toMatchObject({ a: { b: content } });
    }),
    { seed: 9 },
  );
});

test("every replica gets the same text, and the Keepers know each other by names that never change", () => {
  const parsed = new XMLParser().parse(renderKeeperConfig(topology)).clickhouse.keeper_server;
  expect(parsed.raft_configuration.server).toEqual([
    { id: 1, hostname: "k1.millimetric.internal", port: 9234 },
    { id: 2, hostname: "k2.millimetric.internal", port: 9234 },
    { id: 3, hostname: "k3.millimetric.internal", port: 9234 },
  ]);
  expect(server).not.toMatch(/<(shard|replica)>\d/);
});

describe("the real engine with the server's configuration", () => {
  let engine: Engine;
  beforeAll(() => {
    const variables = {
      NODE_HOST: "s1r0.millimetric.internal",
      SHARD: "1",
      REPLICA: "0",
      INTERSERVER_PASSWORD: "x",
      CLUSTER_SECRET: "y",
      COLD_ENDPOINT: "http://127.0.0.1:1/cold/1/0/",
    };
    engine = new Engine({ config: server, variables });
  });
  afterAll(() => engine.close());

  test("has the version of the image", async () => {
    const dockerfile = readFileSync(new URL("../../docker/clickhouse/Dockerfile", import.meta.url), "utf8");
    const [, image = ""] = /ARG CLICKHOUSE_VERSION=(\S+)/.exec(dockerfile) ?? [];
    const [row] = await engine.ask<{ version: string }>("SELECT version() AS version");
    expect(row?.version.startsWith(`${image}.`), `${row?.version} in the tests, ${image} in the image`).toBe(true);
  });

  test("knows its shard and its replica from the environment", async () => {
    expect(await engine.ask("SELECT getMacro('shard') AS shard, getMacro('replica') AS replica")).toEqual([
      { shard: "1", replica: "0" },
    ]);
  });

  test("knows every replica of every shard", async () => {
    const sql = "SELECT shard_num, replica_num, host_name, port FROM system.clusters WHERE cluster = 'all'";
    expect(await engine.ask(sql)).toEqual(
      [0, 1].flatMap((shard) =>
        [0, 1].map((replica) => ({
          shard_num: shard + 1,
          replica_num: replica + 1,
          host_name: `s${shard}r${replica}.millimetric.internal`,
          port: 9000,
        })),
      ),
    );
  });

  test("puts new tables on the local disk, with the bucket behind it", async () => {
    const policy = "SELECT volume_name, disks FROM system.storage_policies WHERE policy_name = 'hot_cold'";
    expect(await engine.ask(policy)).toEqual([
      { volume_name: "hot", disks: ["default"] },
      { volume_name: "cold", disks: ["cold"] },
    ]);
    await engine.ask("CREATE TABLE t (x UInt8) ENGINE = MergeTree ORDER BY x");
    await engine.ask("INSERT INTO t VALUES (1)");
    const parts = "SELECT disk_name FROM system.parts WHERE table = 't'";
    expect(await engine.ask(parts)).toEqual([{ disk_name: "default" }]);
    const [table] = await engine.ask("SELECT storage_policy FROM system.tables WHERE name = 't'");
    expect(table).toEqual({ storage_policy: "hot_cold" });
  });

  test("takes the server's own settings", async () => {
    const names = ["max_server_memory_usage_to_ram_ratio", "default_replica_path", "default_replica_name"];
    const list = names.map((name) => `'${name}'`).join();
    const rows = await engine.ask<{ name: string; value: string }>(
      `SELECT name, value FROM system.server_settings WHERE name IN (${list})`,
    );
    expect(Object.fromEntries(rows.map(({ name, value }) => [name, value]))).toEqual({
      max_server_memory_usage_to_ram_ratio: "0.5",
      default_replica_path: "/clickhouse/tables/{uuid}/{shard}",
      default_replica_name: "{replica}",
    });
  });
});
