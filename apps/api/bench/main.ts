import process from "node:process";
import { benchIngest } from "./ingest.ts";
import { benchQuery } from "./query.ts";

const benches: Record<string, (args: string[]) => Promise<void>> = { ingest: benchIngest, query: benchQuery };

// pnpm bench [ingest | query [events] [--data folder] [--rounds n] [--no-duck]]
const [name, ...args] = process.argv.slice(2);
for (const [known, bench] of Object.entries(benches)) {
  if (name === undefined || name === known) await bench(args);
}
if (name !== undefined && benches[name] === undefined) console.error(`there is: ${Object.keys(benches).join(", ")}`);
process.exit();
