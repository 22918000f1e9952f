import { afterAll, beforeAll, expect, test } from "vitest";
import { knowingTopology } from "../src/cluster-commands.ts";
import { answeredByShard, shardingKeys } from "../src/cluster-ddl.ts";
import { type ClickHouse, migrate, readMigrations } from "../src/index.ts";
import { type Cluster, render, topologyOf } from "../src/topology.ts";
import { openTemporary } from "./open.ts";

const cluster: Cluster = { kind: "cluster", database: "millimetric", cluster: "{cluster}" };
const single = { kind: "single" } as const;
const statements = readMigrations().flatMap((migration) => migration.statements);
const rendered = statements.flatMap((statement) => render(statement, cluster));

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: false });
});
afterAll(() => clickhouse.close());

test("an ordinary database keeps every statement as it stands in its file", async () => {
  expect(await topologyOf(clickhouse)).toEqual(single);
  for (const statement of statements) expect(render(statement, single)).toEqual([statement]);
});

/** A server whose database is a Replicated one; notes what it is sent. */
function replicated(sent: string[], named = 1): ClickHouse {
  return {
    ...clickhouse,
    lookUp: async <Row>(sql: string) => {
      if (sql.includes("system.databases")) return [{ engine: "Replicated", database: "millimetric", named }] as Row[];
      if (sql.includes("schema_migrations_lock")) return sent.flatMap(commentOf) as Row[];
      return [];
    },
    command: async (sql) => {
      sent.push(sql);
    },
    insert: async () => {},
  };
}

const commentOf = (sql: string) => {
  const [, comment] = /schema_migrations_lock.*COMMENT '([^']+)'/.exec(sql) ?? [];
  return comment === undefined ? [] : [{ comment }];
};

test("a Replicated database is a cluster, of the macro's name or of its own", async () => {
  expect(await topologyOf(replicated([]))).toEqual(cluster);
  expect(await topologyOf(replicated([], 0))).toEqual({ ...cluster, cluster: "millimetric" });
});

test("in a cluster every table of every migration shares its data, and the journal and the lock do", async () => {
  const sent: string[] = [];
  await migrate(replicated(sent));
  expect(sent).toEqual(expect.arrayContaining(rendered));
  expect(sent.length).toBe(rendered.length + 3);
  const engines = sent.flatMap((sql) => [...sql.matchAll(/\bENGINE = (\w+)/g)].map(([, engine]) => engine));
  expect(engines.length).toBeGreaterThan(readMigrations().length / 2);
  for (const engine of engines) expect(engine).toMatch(/^(Replicated\w*MergeTree|Distributed)$/);
  expect(sent.join("\n")).not.toContain("non_replicated_deduplication_window");
  expect(sent.join("\n")).toContain("replicated_deduplication_window = 10000");
});

test("a table stands on every server, under one path, unless it is spread over the shards", () => {
  const projects = rendered.find((sql) => sql.includes("EXISTS projects_v1"));
  expect(projects).toContain(
    "ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/all', '{shard}-{replica}', updated_at)",
  );
  const [local, over] = rendered.filter((sql) => /^CREATE TABLE IF NOT EXISTS events_v1/.test(sql));
  expect(local).toMatch(/EXISTS events_v1_local\n[\s\S]*ENGINE = ReplicatedMergeTree\nPARTITION/);
  expect(over).toBe(
    "CREATE TABLE IF NOT EXISTS events_v1 AS events_v1_local ENGINE = Distributed('{cluster}', 'millimetric', " +
      "'events_v1_local', cityHash64(project_id, anonymous_id, if(anonymous_id = '', ifNull(user_id, ''), '')))",
  );
});

test("what a server holds is made of what it holds alone: nothing of a shard asks other shards", () => {
  const views = rendered.flatMap((sql) => {
    const [, kind, name = "", body = ""] =
      /^CREATE (?:OR REPLACE )?(.*?VIEW) (?:IF NOT EXISTS )?(\w+)[^;]*?\sAS\s([\s\S]*)/.exec(sql) ?? [];
    const ofShard = name.endsWith("_local") || (kind === "MATERIALIZED VIEW" && !sql.includes("REFRESH"));
    const reads = [...body.matchAll(/\b(?:FROM|JOIN)\s+(\w+)/g)].map(([, relation = ""]) => relation);
    return name === "" ? [] : [{ name, reads, ofShard }];
  });
  const ofAll = new Set(["cluster", ...Object.keys(shardingKeys)]);
  for (const { name, reads } of views) if (reads.some((relation) => ofAll.has(relation))) ofAll.add(name);
  const ofShard = views.filter((view) => view.ofShard);
  for (const name of answeredByShard)
    expect(views.findLast((view) => view.name === name)?.reads, `${name} is answered by each shard`).toContain(
      "cluster",
    );
  expect(ofShard.length).toBeGreaterThanOrEqual(4);
  for (const { name, reads } of ofShard)
    expect(
      reads.filter((relation) => ofAll.has(relation)),
      name,
    ).toEqual([]);
});

test("a view's parameters go through to every shard", () => {
  const view = rendered.findLast((sql) => / VIEW (IF NOT EXISTS )?stitched_events /.test(sql));
  expect(view).toMatch(/^CREATE VIEW IF NOT EXISTS stitched_events DEFINER = CURRENT_USER SQL SECURITY DEFINER AS\n/);
  for (const parameter of ["project_id", "env", "stitch"])
    expect(view).toContain(`${parameter} = {${parameter}:String}`);
  expect(view).toContain("devices = {devices:Array(String)}");
});

test.each([
  ["CREATE VIEW a AS SELECT 1", ["CREATE VIEW a AS SELECT 1"]],
  [
    "CREATE VIEW a AS SELECT count() AS events FROM receipts_v1",
    ["CREATE VIEW a AS SELECT count() AS events FROM receipts_v1"],
  ],
  ["CREATE VIEW a AS SELECT uniq(user_id) FROM events_v1", ["CREATE VIEW a AS SELECT uniq(user_id) FROM events_v1"]],
  [
    "CREATE VIEW links AS SELECT x.user_id FROM events_v1 AS x JOIN links ON links.a = x.a",
    [
      "CREATE VIEW links_local AS SELECT x.user_id FROM events_v1_local AS x JOIN links_local AS links ON links.a = x.a",
      "CREATE VIEW links DEFINER = CURRENT_USER SQL SECURITY DEFINER AS\n" +
        "SELECT * FROM cluster('{cluster}', view(SELECT * FROM millimetric.links_local))",
    ],
  ],
  [
    "-- Why.\nALTER TABLE events_v1\n    ADD COLUMN a String",
    [
      "ALTER TABLE events_v1_local\n    ADD COLUMN a String",
      expect.stringMatching(/^CREATE OR REPLACE TABLE events_v1 AS events_v1_local ENGINE = Distributed/),
    ],
  ],
  ["ALTER TABLE receipts_v1 ADD COLUMN a String", ["ALTER TABLE receipts_v1 ADD COLUMN a String"]],
  ["DELETE FROM events_v1 WHERE a = 'events_v1'", ["DELETE FROM events_v1_local WHERE a = 'events_v1'"]],
  ["\nALTER TABLE events_v1\nUPDATE a = 1 WHERE 1", ["ALTER TABLE events_v1_local\nUPDATE a = 1 WHERE 1"]],
  ["DROP VIEW IF EXISTS links", ["DROP VIEW IF EXISTS links", "DROP VIEW IF EXISTS links_local"]],
  [
    "CREATE MATERIALIZED VIEW IF NOT EXISTS m TO t_v1 AS SELECT max(events_v1.timestamp) FROM events_v1",
    [
      "CREATE MATERIALIZED VIEW IF NOT EXISTS m TO t_v1 AS SELECT max(events_v1.timestamp) FROM events_v1_local AS events_v1",
    ],
  ],
  [
    "CREATE MATERIALIZED VIEW m REFRESH EVERY 1 HOUR TO t_v1 AS SELECT 1 FROM events_v1",
    ["CREATE MATERIALIZED VIEW m REFRESH EVERY 1 HOUR TO t_v1 AS SELECT 1 FROM events_v1"],
  ],
])("%s", (statement, expected) => {
  expect(render(statement, cluster)).toEqual(expected);
});

test("a command that changes events reaches what the shards hold, and asks only once what the database is made for", async () => {
  const sent: string[] = [];
  let asked = 0;
  const server = replicated(sent);
  const lookUp: ClickHouse["lookUp"] = (sql, params) => {
    asked++;
    return server.lookUp(sql, params);
  };
  const aware = knowingTopology({ ...server, lookUp });
  await aware.command("INSERT INTO events_v1 SELECT 1");
  expect(asked).toBe(0);
  await aware.command("DELETE FROM events_v1 WHERE event_id = {id:String}", { id: "a" });
  await aware.command("ALTER TABLE hidden_events_v1 DROP PARTITION 'a'");
  expect(sent).toEqual([
    "INSERT INTO events_v1 SELECT 1",
    "DELETE FROM events_v1_local WHERE event_id = {id:String}",
    "ALTER TABLE hidden_events_v1 DROP PARTITION 'a'",
  ]);
  expect(asked).toBe(1);
});
