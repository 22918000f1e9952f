import process from "node:process";
import { createInterface } from "node:readline";
import { Session } from "chdb";

// Usage: node engineChild.ts CONFIG_FILE FOLDER. One JSON string of SQL a line in, one JSON answer a line out.
// A process of its own, because the engine reads the environment when it starts, and takes one configuration.
const [config = "", folder = ""] = process.argv.slice(2);
const session = new Session(folder, { connectionArgs: [`--config-file=${config}`] });

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
}
session.close();

function answer(sql: string) {
  try {
    const text = session.query(sql, "JSONEachRow");
    return {
      rows: text
        .split("\n")
        .filter((row) => row.startsWith("{"))
        .map((row) => JSON.parse(row)),
    };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
