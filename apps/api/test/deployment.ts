import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectClickHouse, migrate } from "@millimetric/clickhouse";
import { type ClickHouseFixture, startClickHouse } from "@millimetric/clickhouse-fixture";
import { expect, vi } from "vitest";
import { type ApiProcess, apiProcess } from "./api-process.ts";
import { adminToken, type TestProject } from "./platform.ts";

/** As in production: API processes with spools of their own, over one ClickHouse server that is reached by HTTP. */
export interface Deployment {
  clickhouse: ClickHouseFixture;
  apis: ApiProcess[];
  project: TestProject;
  /** Of an API process: parsed JSON, or text. */
  get(path: string, key?: string): Promise<unknown>;
  stop(): Promise<void>;
}

export interface DeploymentOptions {
  apis: number;
  replicas?: number;
  /** Of every API process. */
  env?: Record<string, string>;
  /** Folder of the spool of each; default: in a temporary one. */
  spool?: (index: number) => string;
}

export async function deploy({ apis: count, replicas = 1, env = {}, spool }: DeploymentOptions): Promise<Deployment> {
  const folder = mkdtempSync(join(tmpdir(), "millimetric-deployment-"));
  const clickhouse = await startClickHouse({ user: "mm", password: "secret", database: "mm", replicas });
  const { urls, user, password, database } = clickhouse;
  const connection = connectClickHouse({ urls, user, password, database });
  await migrate(connection);
  await connection.close();
  const apis = Array.from({ length: count }, (_, index) =>
    apiProcess(join(folder, String(index)), {
      CLICKHOUSE_URL: urls.join(","),
      CLICKHOUSE_USER: user,
      CLICKHOUSE_PASSWORD: password,
      CLICKHOUSE_DATABASE: database,
      KEY_PEPPER: "pepper-of-the-tests",
      INSERT_TIMEOUT_SECONDS: "1",
      MAX_EVENT_LOOP_DELAY_MS: "60000",
      SPOOL_DIR: spool?.(index) ?? join(folder, String(index), "spool"),
      ...env,
    }),
  );
  await Promise.all(apis.map((api) => api.start()));
  const [first] = apis;
  if (first === undefined) throw new Error("a deployment has at least one API process");
  const created = await fetch(`${first.url()}/admin/v1/projects`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "deployment" }),
  });
  const project = (await created.json()) as TestProject;
  return {
    clickhouse,
    apis,
    project,
    async get(path, key = project.keys.rk) {
      const answer = await fetch(`${first.url()}${path}`, { headers: { authorization: `Bearer ${key}` } });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`);
      return text.startsWith("{") ? JSON.parse(text) : text;
    },
    async stop() {
      await Promise.all(apis.map((api) => api.stop("SIGTERM")));
      await clickhouse.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Rows that wait in the spool of an API process. */
export async function spooledRows(api: ApiProcess): Promise<number> {
  const text = await (await fetch(`${api.url()}/metrics`)).text();
  return Number(/^millimetric_spool_rows (\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

/** Resolves when every spool is empty. A process that was killed leaves claims behind, which others respect for a minute. */
export async function drained({ apis }: Deployment): Promise<void> {
  const allEmpty = async () => expect(await Promise.all(apis.map(spooledRows))).toEqual(apis.map(() => 0));
  await vi.waitFor(allEmpty, { timeout: 240_000, interval: 100 });
}

/** Every row of a list, page by page. */
export async function everyRow<Row>(deployment: Deployment, path: string): Promise<Row[]> {
  const all: Row[] = [];
  for (let cursor = ""; ; ) {
    const page = `${path}${path.includes("?") ? "&" : "?"}limit=1000${cursor}`;
    const { rows, next_cursor } = (await deployment.get(page)) as { rows: Row[]; next_cursor?: string };
    all.push(...rows);
    if (next_cursor === undefined) return all;
    cursor = `&cursor=${next_cursor}`;
  }
}
