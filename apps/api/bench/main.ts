import process from "node:process";
import { benchIngest } from "./ingest.ts";
import { benchStitch } from "./stitch.ts";

const benches: Record<string, (args: string[]) => Promise<void>> = { ingest: benchIngest, stitch: benchStitch };

// pnpm bench [ingest | stitch [events]]
const [name, ...args] = process.argv.slice(2);
for (const [known, bench] of Object.entries(benches)) {
  if (name === undefined || name === known) await bench(args);
}
if (name !== undefined && benches[name] === undefined) console.error(`there is: ${Object.keys(benches).join(", ")}`);
process.exit();
