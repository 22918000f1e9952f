import { spawnSync } from "node:child_process";
import process from "node:process";
import { parseArgs } from "node:util";
import { ECSClient, ListTasksCommand } from "@aws-sdk/client-ecs";
import { readStack } from "../src/ops/stack.ts";

const { values } = parseArgs({ options: { stack: { type: "string" }, node: { type: "string", default: "s0r0" } } });
const { region, clusterName: cluster } = readStack(values.stack);
const { taskArns } = await new ECSClient({ region }).send(new ListTasksCommand({ cluster, serviceName: values.node }));
const [task] = taskArns ?? [];
if (task === undefined) throw new Error(`${values.node} does not run.`);

// The AWS CLI, because it holds the terminal; it needs AWS's session manager plugin.
const command = ["clickhouse", "client", "--database", "millimetric"].join(" ");
const { status } = spawnSync(
  "aws",
  [
    "ecs",
    "execute-command",
    "--region",
    region,
    "--cluster",
    cluster,
    "--task",
    task,
    "--container",
    "clickhouse",
    "--interactive",
    "--command",
    command,
  ],
  { stdio: "inherit" },
);
process.exitCode = status ?? 1;
