import type { Cluster } from "./topology.ts";

// How the one schema becomes that of a cluster. docs/architecture/cluster.md has the reasons.

/**
 * Tables that are spread over the shards, and by what: a visitor, and with it everything that a stitch or a session looks at, lives
 * on one shard; events of a server without a visitor are kept together by their user. Whatever is not listed stands on every server.
 */
export const shardingKeys: Readonly<Record<string, string>> = {
  events_v1: "cityHash64(project_id, anonymous_id, if(anonymous_id = '', ifNull(user_id, ''), ''))",
};

/** Views that give the rows of each visitor by themselves: every shard answers for its visitors, and the answers are laid together. */
export const answeredByShard: ReadonlySet<string> = new Set([
  "events",
  "links",
  "stitched_events",
  "stored_links",
  "stored_touches",
  "named_sources",
  "known_touches",
  "touches_all_devices",
  "touches_first_owner",
  "touches_unshared",
  "visitor_paths",
  "visitor_sessions",
  "sessions",
  "session_parts",
  "touchpoints",
]);

/** What a server holds of a table or view that is spread over the shards. */
export const localName = (name: string) => `${name}_local`;

const onServer = (statement: string, name: string) => statement.replace(new RegExp(`\\b${name}\\b`), localName(name));

const spread = (name: string) => Object.hasOwn(shardingKeys, name) || answeredByShard.has(name);

export function renderForCluster(statement: string, cluster: Cluster): string[] {
  const text = withoutComments(statement);
  const [, create, kind, guard = "", name = ""] =
    /^(CREATE (?:OR REPLACE )?)(TABLE|VIEW|MATERIALIZED VIEW) (IF NOT EXISTS )?(\w+)/.exec(text) ?? [];
  if (kind === "TABLE") return createTable(text, name, cluster);
  if (kind === "VIEW") return createView(text, { create: create ?? "", guard, name, cluster });
  if (kind === "MATERIALIZED VIEW") return [createMaterializedView(text, cluster.database)];
  const [, verb = "", target = ""] =
    /^(ALTER TABLE|DELETE FROM|DROP (?:TABLE|VIEW)(?: IF EXISTS)?) (\w+)/.exec(text) ?? [];
  if (!spread(target)) return [statement];
  return verb.startsWith("DROP") ? [text, onServer(text, target)] : alter(text, target, cluster);
}

function createTable(statement: string, name: string, cluster: Cluster): string[] {
  const key = shardingKeys[name];
  if (key === undefined) return [replicated(statement, everywhere)];
  return [replicated(onServer(statement, name), ofShard), distributed("CREATE TABLE IF NOT EXISTS", name, cluster)];
}

/** Inserts into it go to the shards, reads come from all of them. */
function distributed(create: string, name: string, { cluster, database }: Cluster): string {
  const local = localName(name);
  return `${create} ${name} AS ${local} ENGINE = Distributed('${cluster}', '${database}', '${local}', ${shardingKeys[name]})`;
}

/** One set of replicas for each shard: path and name are the server's defaults. */
const ofShard = (engine: string, args: string | undefined) =>
  `ENGINE = Replicated${engine}${args === undefined ? "" : `(${args})`}`;

/** One set of replicas of all servers. */
const everywhere = (engine: string, args: string | undefined) =>
  `ENGINE = Replicated${engine}('/clickhouse/tables/{uuid}/all', '{shard}-{replica}'${args === undefined ? "" : `, ${args}`})`;

const replicated = (statement: string, write: (engine: string, args: string | undefined) => string) =>
  statement
    .replace(/\bENGINE = (\w*MergeTree)\b(?:\(([^)]*)\))?/, (_, engine: string, args?: string) => write(engine, args))
    .replace("non_replicated_deduplication_window", "replicated_deduplication_window");

interface View {
  create: string;
  guard: string;
  name: string;
  cluster: Cluster;
}

function createView(text: string, { create, guard, name, cluster }: View): string[] {
  const local = readingLocally(text, cluster.database);
  if (local === text) return [text];
  // What crosses visitors is asked of all shards at once.
  if (!answeredByShard.has(name)) return [text];
  const types = new Map(
    [...text.matchAll(/\{(\w+):([^{}]+)\}/g)].map(([, parameter = "", type = ""]) => [parameter, type]),
  );
  const given = [...types].map(([parameter, type]) => `${parameter} = {${parameter}:${type}}`).join(", ");
  const source = `${cluster.database}.${localName(name)}${given === "" ? "" : `(${given})`}`;
  // As its maker, because whoever reads has no right to open connections.
  const head = `${create}VIEW ${guard}${name} DEFINER = CURRENT_USER SQL SECURITY DEFINER`;
  return [
    onServer(local, name),
    `${head} AS\nSELECT * FROM cluster('${cluster.cluster}', view(SELECT * FROM ${source}))`,
  ];
}

/** Sees the rows that its server stores. One that is made anew from time to time reads everything, once. */
function createMaterializedView(text: string, database: string): string {
  const whole = /\bREFRESH\b/.test(text) ? text : readingLocally(text, database);
  const [, target = ""] = /\bTO (\w+)/.exec(whole) ?? [];
  const local = Object.hasOwn(shardingKeys, target) ? whole.replace(/\bTO \w+/, `TO ${localName(target)}`) : whole;
  return replicated(local, everywhere);
}

/** A body with every relation that is spread over the shards replaced by this server's part of it, under the same name. */
function readingLocally(text: string, database: string): string {
  const shadowed = new Set([...text.matchAll(/\b(\w+)\s+AS\s*\(/g)].map(([, name]) => name));
  const ofServer = text.replace(
    /\bmergeTreeProjection\(currentDatabase\(\), (\w+),/g,
    (_, name: string) => `mergeTreeProjection('${database}', '${localName(name)}',`,
  );
  return ofServer.replace(/\b(FROM|JOIN)(\s+)(\w+)\b(\(|\s+AS\b)?/g, (all, word, space, name: string, next = "") => {
    if (!spread(name) || shadowed.has(name)) return all;
    return `${word}${space}${localName(name)}${next === "" ? ` AS ${name}` : next}`;
  });
}

/** A change of rows happens on the shards; one of columns shows in the table over them, too. */
function alter(text: string, name: string, cluster: Cluster): string[] {
  const local = onServer(text, name);
  const changesRows = /^DELETE|^ALTER TABLE \w+\s+(?:UPDATE|DELETE)\b/.test(text);
  return changesRows ? [local] : [local, distributed("CREATE OR REPLACE TABLE", name, cluster)];
}

const withoutComments = (sql: string) =>
  sql
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("--"))
    .join("\n")
    .trim();
