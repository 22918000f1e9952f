import process from "node:process";
import { benchGrowth } from "./growth.ts";
import { benchIngest } from "./ingest.ts";
import { benchLayouts } from "./layouts.ts";
import { benchMemory } from "./memory.ts";
import { benchQuery } from "./query.ts";
import { benchSoak } from "./soak.ts";

const benches: Record<string, (args: string[]) => Promise<void>> = {
  ingest: benchIngest,
  memory: benchMemory,
  soak: benchSoak,
  query: benchQuery,
  growth: benchGrowth,
  layouts: benchLayouts,
};

// pnpm bench [ingest | memory | soak [events] | query [events] | growth [events …] | layouts [events]], with [--data folder] [--rounds n] [--only pattern] [--no-duck]
const [name, ...args] = process.argv.slice(2);
for (const [known, bench] of Object.entries(benches)) {
  if (name === undefined || name === known) await bench(args);
}
if (name !== undefined && benches[name] === undefined) console.error(`there is: ${Object.keys(benches).join(", ")}`);
process.exit();
