import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { renderUserData } from "../../src/userData.ts";

const infra = new URL("../../", import.meta.url).pathname;
const filesOf = (folder: string) => readdirSync(`${infra}${folder}`).map((file) => `${infra}${folder}/${file}`);
const scripts = [...filesOf("userdata"), ...filesOf("docker/clickhouse/bin"), ...filesOf("../.ci")];

const installed = spawnSync("shellcheck", ["--version"]).status === 0;

describe(installed ? "shellcheck" : "shellcheck (skipped: it is not installed; Debian has it as a package)", () => {
  const check = (args: readonly string[], input = "") =>
    spawnSync("shellcheck", ["--norc", ...args], { encoding: "utf8", input });

  test.runIf(installed).each(scripts)("finds nothing in %s", (script) => {
    const { stdout, status } = check([script]);
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  test.runIf(installed)("finds nothing in what a machine runs at its first boot", () => {
    const options = { clusterName: "millimetric-1234567", node: "s0r0", volumeId: "vol-0123", region: "eu-central-1" };
    expect(check(["-"], renderUserData(options)).stdout).toBe("");
  });

  test.runIf(installed)("would find something", () => {
    expect(check(["-"], "#!/bin/bash\nrm $1\n").stdout).toContain("SC2086");
  });
});

test("what a machine starts with fits into user data, and is a valid script", () => {
  const script = renderUserData({ clusterName: "c", node: "k1", volumeId: "vol-0", region: "eu-central-1" });
  expect(Buffer.byteLength(script)).toBeLessThan(16_384);
  expect(script).not.toMatch(/@[A-Z_]+@/);
  expect(spawnSync("bash", ["-n"], { input: script }).status).toBe(0);
});
