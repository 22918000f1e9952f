import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { adminToken, startPlatform, type TestPlatform } from "./platform.ts";

const run = promisify(execFile);
const cli = fileURLToPath(new URL("../src/cli.ts", import.meta.url));

let platform: TestPlatform;
let folder: string;
beforeAll(async () => {
  platform = await startPlatform();
  folder = mkdtempSync(join(tmpdir(), "millimetric-cli-"));
});
afterAll(async () => {
  await platform.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What the command line prints, in a process of its own. */
async function millimetric(args: string[], extra: Record<string, string> = {}): Promise<string> {
  const { stdout } = await run(process.execPath, ["--conditions=@millimetric/source", cli, ...args], {
    env: { MILLIMETRIC_URL: platform.url, ADMIN_TOKEN: adminToken, DATA_DIR: folder, ...extra },
  });
  return stdout;
}

test("makes, lists and changes projects; makes, lists, rotates and revokes keys", async () => {
  const made = JSON.parse(await millimetric(["projects", "create", "Shop", "--origin", "https://shop.example"]));
  const { project_id, keys } = made;
  expect((await platform.ask("GET", "/v1/query", { key: keys.rk })).status).toBe(200);

  await millimetric(["projects", "update", project_id, "--name", "Shop 2"]);
  const { rows } = JSON.parse(await millimetric(["projects", "list"]));
  expect(rows).toContainEqual(
    expect.objectContaining({ project_id, name: "Shop 2", allowed_origins: ["https://shop.example"] }),
  );

  const { prefix } = JSON.parse(await millimetric(["keys", "create", project_id, "--kind", "rk", "--label", "BI"]));
  const rotated = JSON.parse(await millimetric(["keys", "rotate", project_id, prefix, "--overlap", "60"]));
  const listed = JSON.parse(await millimetric(["keys", "list", project_id]));
  expect(listed.rows.map((row: { prefix: string }) => row.prefix)).toEqual(
    expect.arrayContaining([prefix, rotated.prefix]),
  );
  expect(await millimetric(["keys", "revoke", project_id, rotated.prefix])).toBe(`revoked ${rotated.prefix}\n`);
  const after = await platform.ask("GET", "/v1/query", { key: rotated.key });
  expect(after.body.error).toBe("invalid_api_key");
});

test("makes, lists and revokes identity secrets, and turns verified identify on and off", async () => {
  const { project_id } = JSON.parse(await millimetric(["projects", "create", "Verified"]));
  const first = JSON.parse(await millimetric(["identity", "rotate", project_id]));
  expect(JSON.parse(await millimetric(["identity", "verify", project_id])).settings).toEqual({
    verified_identify: true,
  });
  const second = JSON.parse(await millimetric(["identity", "rotate", project_id, "--overlap", "60"]));
  const listed = await millimetric(["identity", "list", project_id]);
  const rows: { secret_id: string; expires_at: string | null }[] = JSON.parse(listed).rows;
  expect(rows.find(({ secret_id }) => secret_id === first.secret_id)?.expires_at).toBeTypeOf("string");
  expect(rows.find(({ secret_id }) => secret_id === second.secret_id)?.expires_at).toBeNull();
  for (const { secret } of [first, second]) expect(listed).not.toContain(secret);
  const revoked = await millimetric(["identity", "revoke", project_id, second.secret_id]);
  expect(revoked).toBe(`revoked ${second.secret_id}\n`);
  expect(JSON.parse(await millimetric(["identity", "verify", project_id, "--off"])).settings).toEqual({
    verified_identify: false,
  });
});

test("tells the schema's state through the running API, which holds the embedded engine's folder", async () => {
  const lines = (await millimetric(["migrate", "status"])).trim().split("\n");
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).toMatch(/^\d{4}_\w+ {2}applied/);
});

test("migrates a folder that no API holds", async () => {
  const alone = { MILLIMETRIC_URL: "http://127.0.0.1:1" };
  expect(await millimetric(["migrate", "status"], alone)).toContain("pending");
  expect(await millimetric(["migrate", "up"], alone)).toContain("the schema is current");
  expect(await millimetric(["migrate", "up"], alone)).toBe("the schema is current\n");
});

test("says in one line what is wrong", async () => {
  await expect(millimetric(["projects", "list"], { ADMIN_TOKEN: "not-the-admin-token" })).rejects.toMatchObject({
    code: 1,
    stderr: "millimetric: invalid_api_key: This is not ADMIN_TOKEN.\n",
  });
  await expect(millimetric(["projects", "list"], { MILLIMETRIC_URL: "http://127.0.0.1:1" })).rejects.toMatchObject({
    stderr: expect.stringContaining("nothing answers at http://127.0.0.1:1"),
  });
});
