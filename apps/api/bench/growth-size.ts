import process from "node:process";
import { readArguments } from "./arguments.ts";
import { askAll } from "./endpoints.ts";
import type { Grown } from "./growth.ts";
import { line, quantile } from "./measure.ts";
import { openBenchPlatform, sizeOf } from "./query.ts";

// The process that growth.ts starts for one size: an engine opens one folder in its life.
const { events, data, rounds, only } = readArguments(process.argv.slice(2), 1_000_000);
const { platform, unbounded, close } = await openBenchPlatform(events, data);
const answers: Grown["answers"] = [];
for await (const { path, status, measured } of askAll(platform, rounds, only)) {
  const [p50, p95] = [quantile(measured.times, 0.5), quantile(measured.times, 0.95)];
  console.log(line(path, measured));
  answers.push({ path, status, p50, p95, cpu: measured.cpu, memory: measured.memory });
}
const grown: Grown = { ...(await sizeOf(unbounded)), answers };
await close();
process.send?.(grown, () => process.exit());
