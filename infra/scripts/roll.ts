import process from "node:process";
import { parseArgs } from "node:util";
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { ECSClient } from "@aws-sdk/client-ecs";
import { clock } from "../src/hooks/poll.ts";
import { rollNode } from "../src/ops/rollNode.ts";
import { readStack } from "../src/ops/stack.ts";

const usage = "Usage: pnpm --filter ./infra roll [--stack STACK] all | NODE …";
const { values, positionals } = parseArgs({ options: { stack: { type: "string" } }, allowPositionals: true });
if (positionals.length === 0) throw new Error(usage);

const { region, clusterName: cluster, nodes: services, hosts } = readStack(values.stack);
const chosen = positionals[0] === "all" ? hosts : positionals;
const unknown = chosen.filter((node) => !hosts.includes(node));
if (unknown.length > 0) throw new Error(`There is no machine ${unknown.join(", ")}; there are ${hosts.join(", ")}.`);

const clients = { ecs: new ECSClient({ region }), autoScaling: new AutoScalingClient({ region }), clock };
const say = (text: string) => process.stdout.write(`${text}\n`);
// One after the other: that is the point.
for (const node of chosen) await rollNode({ ...clients, cluster, node, services, say });
