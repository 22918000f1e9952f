import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import { alterRows, oldPartsGone } from "./remove.ts";
import { instant } from "./scope.ts";

/** Events of one project before `cutoff`, which a project keeps no longer. */
export interface Expiry {
  project_id: string;
  cutoff: Date;
}

const bind = ({ project_id, cutoff }: Expiry) => ({ project_id, cutoff: instant(cutoff) });
const expired = "project_id = {project_id:String} AND timestamp < {cutoff:DateTime64(3, 'UTC')}";

export async function expiredRows(clickhouse: ClickHouse, expiry: Expiry): Promise<number> {
  const sql = `SELECT count() AS rows FROM events_v1 WHERE ${expired}`;
  return (await clickhouse.lookUp<{ rows: number }>(sql, bind(expiry)))[0]?.rows ?? 0;
}

/** Counts what is about to expire in the delivery ledger, once for each cutoff. */
export async function countExpired(clickhouse: ClickHouse, expiry: Expiry): Promise<void> {
  const reason = `retention ${instant(expiry.cutoff).slice(0, 10)}`;
  await clickhouse.command(loadSql("count-expired"), { ...bind(expiry), reason });
}

/** Removes them, and waits until the files are gone. A part of which nothing is left is not written anew. */
export async function removeExpired(clickhouse: ClickHouse, expiry: Expiry): Promise<void> {
  await alterRows(clickhouse, "events_v1", `DELETE WHERE ${expired}`, bind(expiry), () =>
    expiredRows(clickhouse, expiry),
  );
  await oldPartsGone(clickhouse, "events_v1");
}
