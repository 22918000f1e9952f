import process, { env } from "node:process";
import { migrateUp } from "./cli/migrate.ts";
import { readConfig } from "./config.ts";

// What a deployment runs once before new code takes traffic: the container image's second entry.
migrateUp(readConfig(env), (text) => process.stdout.write(`${text}\n`)).catch((error: unknown) => {
  process.stderr.write(`millimetric: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
