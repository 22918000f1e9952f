import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { brief, whole } from "./measure.ts";

/** What one size comes to. */
export interface Grown {
  parts: number;
  bytes_per_event: number;
  answers: { path: string; status: number; p50: number; p95: number; cpu: number; memory: number }[];
}

const one = fileURLToPath(new URL("./growth-size.ts", import.meta.url));

/**
 * Every endpoint over bodies of events that grow, each in a process of its own; prints a table for docs/scaling.md:
 * growth [events …] [--data folder, which keeps each size in a folder of its own] [--rounds n] [--only pattern]
 */
export async function benchGrowth(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { data: { type: "string" }, rounds: { type: "string" }, only: { type: "string" } },
  });
  const sizes = positionals.length > 0 ? positionals.map(Number) : [1_000_000, 5_000_000, 20_000_000];
  const grown: Grown[] = [];
  for (const size of sizes) {
    const options = Object.entries({ ...values, ...(values.data && { data: `${values.data}/${size}` }) });
    const child = fork(one, [String(size), ...options.flatMap(([name, value]) => [`--${name}`, value])]);
    const ended = once(child, "exit");
    child.once("message", (message) => grown.push(message as Grown));
    if ((await ended)[0] !== 0) throw new Error(`${size} events could not be measured`);
  }
  console.log(`\n| p50 / p95 in ms; processor time in ms; memory in MB | ${sizes.map(brief).join(" | ")} |`);
  console.log(`| --- |${" ---: |".repeat(sizes.length)}`);
  const row = (name: string, cell: (of: Grown) => string) =>
    console.log(`| ${name} | ${grown.map(cell).join(" | ")} |`);
  row("parts", ({ parts }) => whole(parts));
  row("bytes per event", ({ bytes_per_event }) => String(bytes_per_event));
  for (const [index, { path }] of (grown[0]?.answers ?? []).entries())
    row(`\`${path}\``, ({ answers }) => cell(answers[index]));
}

const cell = (answer: Grown["answers"][number] | undefined) =>
  answer === undefined
    ? ""
    : `${whole(answer.p50)} / ${whole(answer.p95)}; ${whole(answer.cpu)}; ${whole(answer.memory / 1e6)}${answer.status === 200 ? "" : ` (${answer.status})`}`;
