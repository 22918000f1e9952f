import { readFileSync } from "node:fs";
import process from "node:process";
import { Session } from "chdb";

// Usage: node replicated-tables-process.ts CONFIG FOLDER STATEMENTS. Prints what came of each statement, one JSON a line, and waits to
// be killed: the engine does not close while it has replicated tables.
const [config = "", folder = "", file = ""] = process.argv.slice(2);
const engine = new Session(folder, { connectionArgs: [`--config-file=${config}`] });
for (const sql of JSON.parse(readFileSync(file, "utf8")) as string[]) {
  const answer: { sql: string; rows?: string; error?: string } = { sql };
  try {
    answer.rows = engine.query(sql, "JSONEachRow");
  } catch (error) {
    answer.error = `${error}`;
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.stdout.write("done\n");
setInterval(() => {}, 1_000);
