import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env, execPath } from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StackOutputs } from "../../src/ops/stack.ts";

const scripts = new URL("../../scripts/", import.meta.url).pathname;
const { PATH: path = "" } = env;

const outputs: StackOutputs = {
  region: "eu-central-1",
  clusterName: "millimetric",
  nodes: ["k1", "s0r0"],
  hosts: ["s0r0"],
  jobs: { subnetIds: ["subnet-a"], securityGroupId: "sg-jobs", logGroup: "jobs", families: { backup: "backup" } },
};

// As an operator types them; the CLIs of Pulumi and AWS write down what they are asked, ECS is a few made-up answers.
describe("the scripts", () => {
  const folder = mkdtempSync(join(tmpdir(), "scripts-"));
  const asked: string[] = [];
  let ecs: Server;
  let endpoint = "";

  beforeAll(async () => {
    const config = { "aws:region": { value: "eu-central-1" }, "millimetric:size": { value: "small" } };
    const more = {
      "millimetric:domain": { value: "a.example.com" },
      "millimetric:hostedZoneId": { value: "Z0123456789" },
    };
    writeFileSync(join(folder, "outputs"), JSON.stringify(outputs));
    writeFileSync(join(folder, "config"), JSON.stringify({ ...config, ...more }));
    const answers = `case "$*" in *"stack output"*) cat ${folder}/outputs ;; *"config --json"*) cat ${folder}/config ;; esac`;
    for (const name of ["pnpm", "aws"]) {
      writeFileSync(join(folder, name), `#!/bin/bash\necho "${name} $*" >>${folder}/calls\n${answers}\n`);
      chmodSync(join(folder, name), 0o755);
    }
    ecs = createServer((request, response) => {
      const operation = String(request.headers["x-amz-target"]).split(".").at(-1) ?? "";
      asked.push(operation);
      response.setHeader("content-type", "application/x-amz-json-1.1");
      response.end(JSON.stringify({ ListTasks: { taskArns: ["arn:aws:ecs:x:1:task/y/z"] } }[operation] ?? {}));
    });
    await new Promise<void>((resolve) => ecs.listen(0, "127.0.0.1", resolve));
    endpoint = `http://127.0.0.1:${(ecs.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await new Promise((resolve) => ecs.close(resolve));
    rmSync(folder, { recursive: true });
  });

  async function run(script: string, ...args: string[]) {
    writeFileSync(join(folder, "calls"), "");
    const child = spawn(execPath, [join(scripts, script), ...args], {
      env: {
        PATH: `${folder}:${path}`,
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: "nobody",
        AWS_SECRET_ACCESS_KEY: "nothing",
      },
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, text, calls: readFileSync(join(folder, "calls"), "utf8").trim().split("\n") };
  }

  test("sql opens ClickHouse's client in the running task of a node", async () => {
    const { code, calls } = await run("sql.ts", "--stack", "prod", "--node", "s0r0");
    expect(code).toBe(0);
    expect(calls).toEqual([
      "pnpm exec pulumi stack output --json --stack prod",
      "aws ecs execute-command --region eu-central-1 --cluster millimetric --task arn:aws:ecs:x:1:task/y/z " +
        "--container clickhouse --interactive --command clickhouse client --database millimetric",
    ]);
  });

  test("grow sets the next number and lets Pulumi show what changes", async () => {
    const { code, calls, text } = await run("grow.ts", "replicas");
    expect(code, text).toBe(0);
    expect(text).toContain("replicas: 2 -> 3");
    expect(calls.slice(1)).toEqual(["pnpm exec pulumi config set millimetric:replicas 3", "pnpm exec pulumi up"]);
  });

  test.each([
    ["roll.ts", ["s9r9"], "There is no machine s9r9; there are s0r0."],
    ["roll.ts", [], "Usage: pnpm --filter ./infra roll"],
    ["job.ts", ["nonsense"], "Usage: pnpm --filter ./infra job [--stack STACK] backup"],
    ["grow.ts", ["machines"], "Usage: pnpm --filter ./infra grow"],
    ["grow.ts", ["shards"], "--before-the-first-event only while there are none"],
  ])("%s %j says what is wrong and asks AWS for nothing", async (script, args, message) => {
    asked.length = 0;
    const { code, text } = await run(script, ...args);
    expect(code).not.toBe(0);
    expect(text).toContain(message);
    expect(asked).toEqual([]);
  });

  test("cost prints the table", async () => {
    expect((await run("cost.ts")).text).toMatch(/\*\*Together\*\*/);
  });
});
