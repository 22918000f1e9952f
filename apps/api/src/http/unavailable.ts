import { type ClickHouse, isAboutStatement } from "@millimetric/clickhouse";
import { ApiError } from "./errors.ts";

/** Seconds. */
const retryAfter = 5;

/** The same ClickHouse; while it is away, whatever is asked of it fails with `upstream_unavailable`. */
export function sayUnavailable(clickhouse: ClickHouse): ClickHouse {
  async function told<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      if (isAboutStatement(cause)) throw cause;
      throw new ApiError("upstream_unavailable", "ClickHouse does not answer; ask again later.", { retryAfter, cause });
    }
  }
  return {
    ...clickhouse,
    insert: (block) => told(clickhouse.insert(block)),
    query: (sql, params) => told(clickhouse.query(sql, params)),
    lookUp: (sql, params) => told(clickhouse.lookUp(sql, params)),
    command: (sql, params) => told(clickhouse.command(sql, params)),
  };
}
