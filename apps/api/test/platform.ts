import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../src/config.ts";
import { createPlatform, type Platform } from "../src/platform.ts";
import { createContract, type OpenApi } from "./contract.ts";

export const adminToken = "admin-token-of-the-tests";

/** A platform on a fresh embedded engine, listening on a free port of the loopback; one at a time per process. */
export interface TestPlatform extends Platform {
  url: string;
  /** Of the engine, the spool and the secrets. */
  dataDir: string;
  /** A project with its keys. */
  project(name?: string, allowed_origins?: string[]): Promise<TestProject>;
  /** A request and its answer, parsed. @throws Error when the answer is not what /openapi.json documents. */
  ask(method: string, path: string, options?: AskOptions): Promise<Answer>;
}

export interface TestProject {
  project_id: string;
  keys: { pk: string; sk: string; rk: string };
}

export interface AskOptions {
  key?: string;
  headers?: Record<string, string>;
  body?: unknown;
  /** Sent as it is, instead of `body`. */
  raw?: string | Uint8Array<ArrayBuffer>;
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

/** For a busy machine: what is acknowledged is stored, not spooled, and can be read at once. */
export const patient = { MAX_EVENT_LOOP_DELAY_MS: "60000", INSERT_TIMEOUT_SECONDS: "60", QUERY_MAX_SECONDS: "120" };

export async function startPlatform(extra: Record<string, string> = {}): Promise<TestPlatform> {
  const dataDir = mkdtempSync(join(tmpdir(), "millimetric-api-"));
  const env = { DATA_DIR: dataDir, PORT: "0", ADMIN_TOKEN: adminToken, LOG_LEVEL: "silent", ...patient, ...extra };
  const platform = await createPlatform(readConfig(env));
  const url = await platform.app.listen({ port: 0, host: "127.0.0.1" });
  const openApi = (await (await fetch(`${url}/openapi.json`)).json()) as OpenApi;
  const problemWith = createContract(openApi);

  async function ask(method: string, path: string, { key, headers = {}, body, raw }: AskOptions = {}): Promise<Answer> {
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(sent === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.startsWith("application/json") ?? false;
    const parsed = isJson ? JSON.parse(text) : text;
    const problem = problemWith(method, path, response.status, parsed);
    if (problem !== undefined) throw new Error(problem);
    return { status: response.status, headers: response.headers, body: parsed };
  }

  return {
    ...platform,
    url,
    ask,
    dataDir,
    async project(name = "test", allowed_origins = []) {
      const { body } = await ask("POST", "/admin/v1/projects", { key: adminToken, body: { name, allowed_origins } });
      return body as TestProject;
    },
    async close() {
      await platform.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
