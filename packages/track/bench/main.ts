import { measureMainThread } from "./main-thread.ts";
import { measureSizes, ownFiles } from "./sizes.ts";

// node bench/main.ts : prints the tables of docs/benchmarks.md
const bytes = (value: number) => value.toLocaleString("en-US");
const ms = (value: number) => `${value.toFixed(3)} ms`;

console.log("| | minified | gzip | brotli |");
console.log("| --- | ---: | ---: | ---: |");
for (const { name, raw, gzip, brotli } of await measureSizes())
  console.log(`| ${name} | ${bytes(raw)} | ${bytes(gzip)} | ${bytes(brotli)} |`);

console.log("\n| CPU | `track`, mean | slowest of 1,000 | load | long tasks at load |");
console.log("| --- | ---: | ---: | ---: | ---: |");
const script = (await ownFiles()).get("a.js") ?? "";
for (const { slowdown, mean, slowest, load, longTasks } of await measureMainThread(script, [1, 6]))
  console.log(`| ${slowdown}× slower | ${ms(mean)} | ${ms(slowest)} | ${ms(load)} | ${longTasks} |`);
