import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import type { Scope } from "./scope.ts";

/** What was found of projects where no other process can write, and the count of changes that it was found at. */
const found = new WeakMap<ClickHouse, Map<string, { changes: number; excepted: boolean }>>();

/** Whether anything of the project is left out of reads: withdrawn links, people who are being forgotten. */
export async function hasExceptions(
  clickhouse: ClickHouse,
  { project_id }: Pick<Scope, "project_id">,
): Promise<boolean> {
  const changes = clickhouse.changes();
  const known = found.get(clickhouse)?.get(project_id);
  if (known?.changes === changes) return known.excepted;
  const [row] = await clickhouse.query<{ excepted: 0 | 1 }>(loadSql("exceptions"), { project_id });
  const excepted = row?.excepted === 1;
  if (clickhouse.exclusive) {
    const projects = found.get(clickhouse) ?? new Map();
    found.set(clickhouse, projects.set(project_id, { changes, excepted }));
  }
  return excepted;
}
