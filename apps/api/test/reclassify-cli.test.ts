import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readConfig } from "../src/config.ts";
import { createPlatform } from "../src/platform.ts";
import { storeOldEvents } from "./old-events.ts";
import { adminToken } from "./platform.ts";

const url = "https://shop.example/?utm_source=facebook&utm_medium=cpc&utm_campaign=spring";

test("the command line tells, stores, and says why it cannot", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "millimetric-reclassify-"));
  const env = { DATA_DIR: dataDir, ADMIN_TOKEN: adminToken, LOG_LEVEL: "silent" };
  const cli = fileURLToPath(new URL("../src/cli.ts", import.meta.url));
  const millimetric = async (...args: string[]) =>
    (await promisify(execFile)(process.execPath, ["--conditions=@millimetric/source", cli, ...args], { env })).stdout;
  try {
    await expect(millimetric("reclassify", "--project", "p")).rejects.toMatchObject({
      stderr: expect.stringContaining("run millimetric migrate up first"),
    });
    const alone = await createPlatform(readConfig(env));
    const { project_id } = await alone.controlPlane.createProject({ name: "Shop", allowed_origins: [] });
    await storeOldEvents(alone.clickhouse, [{ project_id, event_id: "1", url }]);
    await alone.close();

    const told = await millimetric("reclassify", "--project", project_id);
    expect(told).toContain("1 events were decided by rules before version");
    expect(told).toContain("unknown/referral Referral (guess)  →  facebook/paid Paid Social (utm_paid_medium)");
    expect(told).toContain("nothing was changed");
    expect(await millimetric("reclassify", "--project", project_id, "--dry-run")).toBe(told);
    expect(await millimetric("reclassify", "--project", project_id, "--apply")).toContain("stored");
    expect(await millimetric("reclassify", "--project", project_id)).toContain("nothing to do");
    await expect(millimetric("reclassify", "--project", "nobody")).rejects.toMatchObject({
      stderr: "millimetric: there is no project nobody\n",
    });
    await expect(millimetric("reclassify", "--project", project_id, "--apply", "--dry-run")).rejects.toMatchObject({
      stderr: expect.stringContaining("cannot be used with option '--apply'"),
    });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
