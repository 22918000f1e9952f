import { writeFileSync } from "node:fs";
import { composeFiles } from "../src/clickhouse/composeFiles.ts";

for (const [path, text] of Object.entries(composeFiles()))
  writeFileSync(new URL(`../compose/${path}`, import.meta.url), text);
