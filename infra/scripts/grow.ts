import process from "node:process";
import { parseArgs } from "node:util";
import { readSettings } from "../src/config.ts";
import { type Growth, grow } from "../src/ops/grow.ts";
import { pulumi, stackFlag } from "../src/ops/stack.ts";

const { values, positionals } = parseArgs({
  options: { stack: { type: "string" }, "before-the-first-event": { type: "boolean", default: false } },
  allowPositionals: true,
});
const [what] = positionals;
if (what !== "replicas" && what !== "shards")
  throw new Error("Usage: pnpm --filter ./infra grow [--stack STACK] replicas | shards --before-the-first-event");

const stack = stackFlag(values.stack);
const config: Record<string, { value?: string }> = JSON.parse(pulumi(["config", "--json", ...stack]));
const settings = readSettings({
  stack: values.stack ?? "selected",
  region: config["aws:region"]?.value,
  lookup: (key) => config[`millimetric:${key}`]?.value,
});
const growth: Growth = what;
const { value, notes } = grow(growth, settings.size, { beforeTheFirstEvent: values["before-the-first-event"] });
process.stdout.write(`${growth}: ${settings.size[growth]} -> ${value}\n${notes.join("\n")}\n`);
pulumi(["config", "set", `millimetric:${growth}`, String(value), ...stack], "inherit");
// Shows what will change, and asks.
pulumi(["up", ...stack], "inherit");
