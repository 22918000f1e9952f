import { randomUUID } from "node:crypto";
import { type ClickHouse, countExpired, expiredRows, instant, removeExpired } from "@millimetric/clickhouse";
import type { ControlPlane } from "../keys/control-plane.ts";

export interface Expired {
  project_id: string;
  /** ISO 8601; events before it are not kept. */
  cutoff: string;
  /** Events. */
  removed: number;
}

interface Run {
  project_id: string;
  cutoff: string;
  finished_at: string | null;
}

const dayMs = 86_400_000;

/**
 * Removes the events that are older than their project keeps them (`settings.retention_days`, whole days in UTC). What is about to be
 * removed is counted in the delivery ledger first, once for each cutoff; a run that died is finished with its own cutoff.
 */
export async function applyRetention(
  clickhouse: ClickHouse,
  controlPlane: Pick<ControlPlane, "projects">,
  now: Date,
): Promise<Expired[]> {
  const expired: Expired[] = [];
  const open = await clickhouse.lookUp<Run>(
    "SELECT project_id, cutoff, finished_at FROM retention_runs_v1 FINAL WHERE finished_at IS NULL ORDER BY project_id, cutoff",
  );
  for (const { project_id, cutoff } of open) expired.push(await expire(clickhouse, project_id, new Date(cutoff)));
  for (const { project_id, settings } of await controlPlane.projects()) {
    const days = settings["retention_days"];
    if (typeof days !== "number" || !Number.isInteger(days) || days < 1) continue;
    const today = now.getTime() - (now.getTime() % dayMs);
    const cutoff = new Date(today - days * dayMs);
    if ((await expiredRows(clickhouse, { project_id, cutoff })) > 0)
      expired.push(await expire(clickhouse, project_id, cutoff));
  }
  return expired;
}

async function expire(clickhouse: ClickHouse, project_id: string, cutoff: Date): Promise<Expired> {
  const removed = await expiredRows(clickhouse, { project_id, cutoff });
  const note = (finished_at: string | null) => {
    const started_at = instant(new Date());
    const row = { project_id, cutoff: instant(cutoff).slice(0, 19), started_at, finished_at, removed };
    return clickhouse.insert({ table: "retention_runs_v1", lines: [JSON.stringify(row)], token: randomUUID() });
  };
  await note(null);
  await countExpired(clickhouse, { project_id, cutoff });
  await removeExpired(clickhouse, { project_id, cutoff });
  await note(instant(new Date()));
  return { project_id, cutoff: cutoff.toISOString(), removed };
}
