import {
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
  type ClickHouseSettings,
  createClient,
} from "@clickhouse/client";
import { createChdbConnection } from "chdb/connection";
import { linesAsTheyAre } from "./json-lines.ts";

/** The one file that knows the embedded engine. Facts behind each line: docs/architecture/embedded-engine.md. */

/** What chdb throws when the folder cannot be opened; why stands in what the engine itself prints to stderr. */
const cannotOpen = "CHDB_CONNECTION";

/**
 * Opens one more connection to the engine in this process. A connection runs one statement at a time, and a setting given
 * once stays on it for ever: hence one connection per purpose, with its settings applied here and nowhere else.
 */
export async function openEmbedded(path: string, settings: ClickHouseSettings): Promise<ClickHouseClient> {
  try {
    // The same interface, but chdb has it from a second copy of the declarations, which TypeScript tells apart.
    const connection = createChdbConnection({ path }) as unknown as NonNullable<
      ClickHouseClientConfigOptions["connection"]
    >;
    const client = createClient({ json: linesAsTheyAre, connection });
    for (const [name, value] of Object.entries(settings)) {
      await client.command({ query: `SET ${name} = ${typeof value === "number" ? value : `'${value}'`}` });
    }
    return client;
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === cannotOpen)) throw cause;
    throw new Error(
      `the embedded ClickHouse cannot open ${path} (its own message is above). If another process is using it: the engine ` +
        "takes one process at a time, so stop the other one, choose another DATA_DIR, or talk to the running API over HTTP.",
      { cause },
    );
  }
}
