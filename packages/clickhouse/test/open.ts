import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type ClickHouse,
  defaultQueryLimits,
  migrate,
  openEmbeddedClickHouse,
  type QueryLimits,
} from "../src/index.ts";

/** A fresh embedded database in a folder of its own; one at a time per process. */
export async function openTemporary(options: {
  migrated: boolean;
  limits?: Partial<QueryLimits>;
}): Promise<ClickHouse & { path: string }> {
  const path = mkdtempSync(join(tmpdir(), "millimetric-"));
  const clickhouse = await openEmbeddedClickHouse(path, { ...defaultQueryLimits, ...options.limits });
  if (options.migrated) await migrate(clickhouse);
  return {
    ...clickhouse,
    path,
    async close() {
      await clickhouse.close();
      rmSync(path, { recursive: true, force: true });
    },
  };
}
