import type { TestPlatform, TestProject } from "./platform.ts";

/** Basic, with the key as user name. */
export const basic = (key: string) => ({ authorization: `Basic ${Buffer.from(`${key}:`).toString("base64")}` });

export function call(platform: TestPlatform, project: TestProject, name: string, body: object) {
  return platform.ask("POST", `/segment/v1/${name}`, { headers: basic(project.keys.sk), body });
}

export async function rowsOf(platform: TestPlatform, { keys }: TestProject) {
  const { body } = await platform.ask("GET", "/v1/query?from=2000-01-01&limit=1000", { key: keys.rk });
  return body.rows;
}
