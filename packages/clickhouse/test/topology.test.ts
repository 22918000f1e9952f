import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, migrate, readMigrations } from "../src/index.ts";
import { render, topologyOf } from "../src/topology.ts";
import { openTemporary } from "./open.ts";

let clickhouse: ClickHouse;
beforeAll(async () => {
  clickhouse = await openTemporary({ migrated: false });
});
afterAll(() => clickhouse.close());

test("an ordinary database keeps plain engines", async () => {
  expect(await topologyOf(clickhouse)).toEqual({ kind: "single" });
});

test("in a Replicated database every table of every migration shares its data, and the journal and the lock do", async () => {
  const sent: string[] = [];
  const replica: ClickHouse = {
    ...clickhouse,
    lookUp: async <Row>(sql: string) => {
      if (sql.includes("system.databases")) return [{ engine: "Replicated" }] as Row[];
      if (sql.includes("schema_migrations_lock")) return sent.flatMap(commentOf) as Row[];
      return [];
    },
    command: async (sql) => {
      sent.push(sql);
    },
    insert: async () => {},
  };
  await migrate(replica);
  const engines = sent.flatMap((sql) => [...sql.matchAll(/\bENGINE = (\w+)/g)].map(([, engine]) => engine));
  expect(engines.length).toBeGreaterThan(readMigrations().length / 2);
  for (const engine of engines) expect(engine).toMatch(/^Replicated\w*MergeTree$/);
  expect(sent.join("\n")).not.toContain("non_replicated_deduplication_window");
  expect(sent.join("\n")).toContain("replicated_deduplication_window = 10000");
});

test("leaves statements alone that make no table", () => {
  expect(render("CREATE VIEW a AS SELECT 1", { kind: "replicated" })).toBe("CREATE VIEW a AS SELECT 1");
});

const commentOf = (sql: string) => {
  const [, comment] = /schema_migrations_lock.*COMMENT '([^']+)'/.exec(sql) ?? [];
  return comment === undefined ? [] : [{ comment }];
};
