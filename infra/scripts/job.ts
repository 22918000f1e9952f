import process from "node:process";
import { parseArgs } from "node:util";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { ECSClient } from "@aws-sdk/client-ecs";
import { clock } from "../src/hooks/poll.ts";
import { runTask } from "../src/hooks/runTask.ts";
import { readStack } from "../src/ops/stack.ts";

const { values, positionals } = parseArgs({ options: { stack: { type: "string" } }, allowPositionals: true });
const { region, clusterName: cluster, jobs } = readStack(values.stack);
const [job = ""] = positionals;
const taskDefinition = jobs.families[job];
if (taskDefinition === undefined)
  throw new Error(`Usage: pnpm --filter ./infra job [--stack STACK] ${Object.keys(jobs.families).join(" | ")}`);

const lines = await runTask({
  ecs: new ECSClient({ region }),
  logs: new CloudWatchLogsClient({ region }),
  clock,
  cluster,
  taskDefinition,
  subnetIds: jobs.subnetIds,
  securityGroupId: jobs.securityGroupId,
  logGroup: jobs.logGroup,
  container: job,
  // A whole backup or a restore of much data.
  timeoutMs: 12 * 60 * 60_000,
});
process.stdout.write(`${lines.join("\n")}\n`);
