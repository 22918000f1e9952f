import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../config.ts";
import type { Platform } from "../platform.ts";

export interface DemoProject {
  project_id: string;
  keys: { pk: string; sk: string; rk: string };
}

/** Where a site that is tried out beside the demo often is. */
const siteOfTheReader = "http://localhost:3000";

/** The demo project of an embedded platform: made at the first start, its keys kept in DATA_DIR for the next. */
export async function demoProject(
  { controlPlane }: Pick<Platform, "controlPlane">,
  config: Config,
): Promise<DemoProject> {
  const file = join(config.dataDir, "demo-project.json");
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as DemoProject;
  const { project_id } = await controlPlane.createProject({ name: "Demo", allowed_origins: [siteOfTheReader] });
  const make = async (kind: "pk" | "sk" | "rk") =>
    (await controlPlane.createKey({ project_id, kind, env: "live", label: "demo" })).key;
  const demo = { project_id, keys: { pk: await make("pk"), sk: await make("sk"), rk: await make("rk") } };
  writeFileSync(file, JSON.stringify(demo), { mode: 0o600 });
  return demo;
}

/** Lets the pages at this address send to the demo project, under each name that a browser of this machine calls it by. */
export async function allowDemoOrigin(
  { controlPlane, keys }: Pick<Platform, "controlPlane" | "keys">,
  { project_id }: DemoProject,
  url: string,
): Promise<void> {
  const { origin, port } = new URL(url);
  const wanted = [origin, `http://localhost:${port}`, `http://127.0.0.1:${port}`];
  const project = (await controlPlane.projects()).find((one) => one.project_id === project_id);
  const allowed_origins = [...new Set([...(project?.allowed_origins ?? []), ...wanted])];
  if (project === undefined || allowed_origins.length === project.allowed_origins.length) return;
  await controlPlane.changeProject(project_id, { allowed_origins });
  keys.refresh();
}
