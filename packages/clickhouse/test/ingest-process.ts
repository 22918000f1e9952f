import { randomUUID } from "node:crypto";
import process from "node:process";
import { migrate, openEmbeddedClickHouse } from "../src/index.ts";
import { insertEvents } from "./event-rows.ts";

// Says how many rows there are, then inserts one after the other and says so after each, for ever.
const [path = ""] = process.argv.slice(2);
try {
  const clickhouse = await openEmbeddedClickHouse(path);
  await migrate(clickhouse);
  const [row] = await clickhouse.query<{ rows: number }>("SELECT count() AS rows FROM events");
  process.stdout.write(`stored ${row?.rows}\n`);
  while (true) {
    await insertEvents(clickhouse, [
      { project_id: "kill", event_id: randomUUID(), anonymous_id: "a", timestamp: new Date() },
    ]);
    process.stdout.write("acknowledged\n");
  }
} catch (error) {
  process.stderr.write(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
