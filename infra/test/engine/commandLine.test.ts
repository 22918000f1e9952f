import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Cloud } from "./cloud.ts";
import { pulumiRoot, pulumiVersion } from "./pulumi.ts";

const infra = new URL("../../", import.meta.url).pathname;
const { PATH: path = "" } = env;
const ownHost = pulumiRoot !== undefined && existsSync(join(pulumiRoot, "bin", "pulumi-language-nodejs"));
const suite =
  pulumiRoot === undefined
    ? "the command line (skipped: no pulumi; .ci/pulumi builds it)"
    : `the command line, with ${ownHost ? "Pulumi's own language host" : "a stand-in for Pulumi's language host"}`;

// The project as it is checked out, with the CLI as an operator has it: the npm package `pulumi`, and below PULUMI_HOME what it fetches.
describe.runIf(pulumiRoot !== undefined)(suite, { timeout: 600_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "pulumi-cli-"));
  const cloud = new Cloud();
  let variables: Record<string, string>;

  beforeAll(async () => {
    for (const name of ["src", "docker", "userdata", "node_modules", "package.json"])
      symlinkSync(join(infra, name), join(folder, name));
    for (const name of ["Pulumi.yaml", "Pulumi.dev.yaml"]) copyFileSync(join(infra, name), join(folder, name));
    mkdirSync(join(folder, "versions"));
    symlinkSync(pulumiRoot ?? "", join(folder, "versions", pulumiVersion));
    if (!ownHost) {
      const host = join(folder, "pulumi-language-nodejs");
      writeFileSync(host, `#!/bin/sh\nexec "${execPath}" "${join(infra, "test/engine/languageHost.ts")}" "$@"\n`);
      chmodSync(host, 0o755);
    }
    variables = {
      ...(await cloud.open()),
      PATH: `${folder}:${path}`,
      HOME: folder,
      PULUMI_HOME: folder,
      PULUMI_BACKEND_URL: `file://${folder}`,
      PULUMI_CONFIG_PASSPHRASE: "a passphrase",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
  });
  afterAll(() => {
    cloud.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const pulumi = (...args: string[]) => {
    try {
      return execFileSync(join(infra, "node_modules", ".bin", "pulumi"), ["--non-interactive", ...args], {
        cwd: folder,
        env: variables,
        encoding: "utf8",
        stdio: "pipe",
      });
    } catch (error) {
      return String(Reflect.get(Object(error), "stdout")) + String(Reflect.get(Object(error), "stderr"));
    }
  };

  test("a new stack tells everything that is still missing, and how to set it", () => {
    pulumi("stack", "init", "dev");
    const text = pulumi("preview");
    expect(text).toContain('The configuration of stack "dev" has 2 problems:');
    expect(text).toContain("millimetric:domain is missing");
    expect(text).toContain("pulumi config set <key> <value>");
  });

  test("the commands of docs/deploy-aws.md lead to a preview of the whole platform", () => {
    const guide = readFileSync(join(infra, "../docs/deploy-aws.md"), "utf8");
    const settings = [...guide.matchAll(/pulumi config set (millimetric:(?:domain|hostedZoneId|alarmEmail)) (\S+)/g)];
    expect(settings).toHaveLength(3);
    for (const [, key = "", value = ""] of settings) pulumi("config", "set", key, value);
    const text = pulumi("preview");
    expect(text).toMatch(/\+ \d{3} to create/);
    expect(text).toContain('url                : "https://events.example.com"');
    expect(text).not.toContain("error:");
    expect(cloud.calls).toEqual([]);
  });
});
