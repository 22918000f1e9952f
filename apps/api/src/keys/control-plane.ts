import { randomUUID } from "node:crypto";
import { type ClickHouse, instant } from "@millimetric/clickhouse";
import { type Env, generateKey, hashKey, type KeyKind } from "./api-key.ts";

export interface Project {
  project_id: string;
  name: string;
  allowed_origins: string[];
  settings: Record<string, unknown>;
  created_at: string;
}

export interface KeyRecord {
  prefix: string;
  project_id: string;
  kind: KeyKind;
  env: Env;
  hash: string;
  label: string;
  created_at: string;
  expires_at: string | null;
}

export type ListedKey = Omit<KeyRecord, "hash"> & { last_used_at: string | null };

export type ProjectChange = Partial<Pick<Project, "name" | "allowed_origins" | "settings">>;

/** Projects and keys, kept in ClickHouse. */
export interface ControlPlane {
  createProject(project: { name: string; allowed_origins: string[] }): Promise<Project>;
  projects(): Promise<Project[]>;
  changeProject(id: string, change: ProjectChange): Promise<Project | undefined>;
  createKey(key: {
    project_id: string;
    kind: KeyKind;
    env: Env;
    label: string;
  }): Promise<{ key: string; prefix: string }>;
  /** Without revoked and rotated-out keys' secrets; those records stay listed. */
  keys(project_id: string): Promise<ListedKey[]>;
  key(prefix: string): Promise<KeyRecord | undefined>;
  /** The key stops working at `expires_at`. */
  expireKey(record: KeyRecord, expires_at: Date): Promise<void>;
  recordUses(uses: readonly { prefix: string; at: Date }[]): Promise<void>;
}

const projectColumns = "project_id, name, allowed_origins, settings, created_at";
const keyColumns = "prefix, project_id, kind, env, hash, label, created_at, expires_at";

const selectProjects = `SELECT ${projectColumns} FROM projects_v1 FINAL ORDER BY created_at, project_id`;
const selectKey = `SELECT ${keyColumns} FROM api_keys_v1 FINAL WHERE prefix = {prefix:String}`;
const selectKeys = `
SELECT prefix, project_id, kind, env, label, created_at, expires_at, last_used_at
FROM (SELECT ${keyColumns} FROM api_keys_v1 FINAL WHERE project_id = {project_id:String}) AS k
LEFT JOIN
(
    SELECT prefix, toNullable(max(last_used_at)) AS last_used_at
    FROM api_key_uses_v1
    GROUP BY prefix
) AS u USING (prefix)
ORDER BY created_at, prefix
SETTINGS join_use_nulls = 1`;

/** ISO 8601 to ClickHouse's text form. */
const stored = (iso: string | null) => (iso === null ? null : instant(new Date(iso)));

export function createControlPlane(clickhouse: ClickHouse, pepper: string): ControlPlane {
  const insert = (table: string, rows: readonly object[]) =>
    clickhouse.insert({ table, lines: rows.map((row) => JSON.stringify(row)), token: randomUUID() });

  const now = () => instant(new Date());

  async function saveProject(project: Project): Promise<Project> {
    const { settings, created_at } = project;
    const row = { ...project, settings: JSON.stringify(settings), created_at: stored(created_at), updated_at: now() };
    await insert("projects_v1", [row]);
    return project;
  }

  async function projects(): Promise<Project[]> {
    const rows = await clickhouse.lookUp<Omit<Project, "settings"> & { settings: string }>(selectProjects);
    return rows.map((row) => ({ ...row, settings: JSON.parse(row.settings || "{}") as Record<string, unknown> }));
  }

  return {
    projects,
    createProject: ({ name, allowed_origins }) =>
      saveProject({
        project_id: `p_${randomUUID().replaceAll("-", "")}`,
        name,
        allowed_origins,
        settings: {},
        created_at: new Date().toISOString(),
      }),
    async changeProject(id, change) {
      const project = (await projects()).find(({ project_id }) => project_id === id);
      if (project === undefined) return undefined;
      return saveProject({ ...project, ...change, settings: { ...project.settings, ...change.settings } });
    },
    async createKey({ project_id, kind, env, label }) {
      const made = generateKey(kind, env);
      const row = { prefix: made.prefix, project_id, kind, env, hash: hashKey(made.key, pepper), label };
      await insert("api_keys_v1", [{ ...row, created_at: now(), expires_at: null, updated_at: now() }]);
      return made;
    },
    keys: (project_id) => clickhouse.lookUp<ListedKey>(selectKeys, { project_id }),
    async key(prefix) {
      const [record] = await clickhouse.lookUp<KeyRecord>(selectKey, { prefix });
      return record;
    },
    async expireKey(record, expires_at) {
      const row = {
        ...record,
        created_at: stored(record.created_at),
        expires_at: instant(expires_at),
        updated_at: now(),
      };
      await insert("api_keys_v1", [row]);
    },
    recordUses: (uses) =>
      insert(
        "api_key_uses_v1",
        uses.map(({ prefix, at }) => ({ prefix, last_used_at: instant(at) })),
      ),
  };
}
