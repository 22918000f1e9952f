import {
  type ClickHouseClient,
  type ClickHouseClientConfigOptions,
  type ClickHouseSettings,
  createClient,
} from "@clickhouse/client";
import { createChdbConnection } from "chdb/connection";
import { linesAsTheyAre } from "./json-lines.ts";

/** The one file that knows the embedded engine. Facts behind each line: docs/architecture/embedded-engine.md. */

const lockedByAnotherProcess = "76";

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
    if (!isLocked(cause)) throw cause;
    throw new Error(
      `another process is using ${path}: the embedded ClickHouse takes one process at a time. ` +
        "Stop the other one, choose another DATA_DIR, or talk to the running API over HTTP.",
      { cause },
    );
  }
}

function isLocked(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return code === lockedByAnotherProcess || /Cannot lock file|Code: 76\b/.test(error.message);
}
