import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readMigrations, render } from "../src/index.ts";
import { ZooKeeper, zookeeperInstalled } from "./zookeeper.ts";

const suite = zookeeperInstalled
  ? "with a real ZooKeeper in the place of Keeper"
  : "with a real ZooKeeper (skipped: not installed; .ci/tools does)";

// The embedded engine makes replicated tables and reads them; they are read-only, because it has no port for other replicas, and
// so it cannot have a Replicated database either. The macro {uuid} belongs to one: names stand for it here.
const config = (port: number) => `<clickhouse>
  <tcp_port>9000</tcp_port>
  <macros><cluster>all</cluster><shard>0</shard><replica>0</replica></macros>
  <zookeeper><node><host>127.0.0.1</host><port>${port}</port></node></zookeeper>
  <default_replica_path>/clickhouse/tables/{database}/{table}/{shard}</default_replica_path>
  <default_replica_name>{replica}</default_replica_name>
  <remote_servers><all><shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard></all></remote_servers>
</clickhouse>`;
const withNames = (statement: string) => statement.replaceAll("{uuid}", "{database}/{table}");
const cluster = { kind: "cluster", database: "default", cluster: "{cluster}" } as const;
/** TABLE_IS_READ_ONLY, and what a change of rows says of the same. */
const readOnly = /\((TABLE_IS_READ_ONLY|ABORTED)\)/;

interface Answer {
  sql: string;
  rows?: string;
  error?: string;
}

const made = `SELECT t.name AS name, t.engine AS engine, r.zookeeper_path AS path
  FROM (SELECT name, engine FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree') AS t
  LEFT JOIN (SELECT table, zookeeper_path FROM system.replicas) AS r ON r.table = t.name`;
const stitched =
  "SELECT count() AS events FROM stitched_events(project_id = 'p', env = 'live', stitch = 'time_sliced', devices = [])";

describe.runIf(zookeeperInstalled)(suite, { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "replicated-"));
  const zookeeper = new ZooKeeper();
  let engine: ChildProcess;
  beforeAll(() => zookeeper.open(), 120_000);
  afterAll(async () => {
    engine.kill("SIGKILL");
    await zookeeper.close();
    rmSync(folder, { recursive: true, force: true });
  }, 300_000);

  /** Runs statements on the engine, in a process that ends with the test. */
  async function run(statements: readonly string[]): Promise<Answer[]> {
    const at = (name: string) => join(folder, name);
    writeFileSync(at("config.xml"), config(zookeeper.port));
    writeFileSync(at("statements.json"), JSON.stringify(statements));
    const child = new URL("./replicated-tables-process.ts", import.meta.url).pathname;
    const process = spawn(execPath, [child, at("config.xml"), at("data"), at("statements.json")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    engine = process;
    const answers: Answer[] = [];
    for await (const line of createInterface({ input: process.stdout })) {
      if (line === "done") break;
      answers.push(JSON.parse(line));
    }
    return answers;
  }

  test("the engine makes every table and view of a cluster, and answers from them", async () => {
    const statements = readMigrations().flatMap((migration) => migration.statements);
    const rendered = statements.flatMap((statement) => render(statement, cluster)).map(withNames);
    const answers = await run([...rendered, made, stitched]);
    expect(answers.length).toBe(rendered.length + 2);
    for (const { sql, error } of answers)
      if (error !== undefined)
        expect(sql.includes("ALTER TABLE") && readOnly.test(error), `${sql}\n${error}`).toBe(true);
    const [tables = [], events] = answers.slice(-2).map(({ rows = "" }) =>
      rows
        .trim()
        .split("\n")
        .map((row) => JSON.parse(row)),
    );
    expect(tables.length).toBeGreaterThan(8);
    for (const { name, engine, path } of tables) {
      expect(engine, name).toMatch(/^Replicated/);
      expect(path).toBe(`/clickhouse/tables/default/${name}/${name === "events_v1_local" ? "0" : "all"}`);
    }
    expect(events).toEqual([{ events: 0 }]);
    const [, nodes] = /zk_znode_count\s+(\d+)/.exec(await zookeeper.ask("mntr")) ?? [];
    expect(Number(nodes), "in ZooKeeper itself").toBeGreaterThan(tables.length * 10);
  });
});
