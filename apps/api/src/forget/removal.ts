import {
  type ClickHouse,
  countRemoved,
  dropWorkList,
  hiddenEventIds,
  oldPartsGone,
  personalTables,
  rememberRemovedIds,
  removeRows,
  rowsFound,
} from "@millimetric/clickhouse";
import type { Hashes } from "./hashes.ts";
import { type ForgetRecord, saveForget } from "./journal.ts";
import { addLateRows } from "./work-list.ts";

export interface RemovalDeps {
  clickhouse: ClickHouse;
  hashes: Hashes;
  /** @throws Error when another process removes now */
  assertHeld(): Promise<void>;
}

/** Ids that are remembered in one statement. */
const idsAtOnce = 2_000;

/**
 * Removes what is on the work lists of these requests from every table and from the disk, then the lists themselves. Every step may be
 * done again: whoever goes on after a process that died begins at the first one.
 */
export async function removePeople(deps: RemovalDeps, queued: readonly ForgetRecord[]): Promise<ForgetRecord[]> {
  const { clickhouse, hashes, assertHeld } = deps;
  const startedAt = new Date().toISOString();
  const running = queued.map((record): ForgetRecord => {
    return { ...record, state: "running", started_at: record.started_at ?? startedAt, failure: "" };
  });
  for (const record of running) await saveForget(clickhouse, record);
  const removal = {
    project_ids: [...new Set(running.map(({ project_id }) => project_id))],
    request_ids: running.map(({ request_id }) => request_id),
  };

  // Twice: the second time finds what an insert stored while the first one ran.
  for (const round of [1, 2]) {
    for (const record of running) {
      await assertHeld();
      await addLateRows(clickhouse, hashes, record);
      record.found = more(record.found, await rowsFound(clickhouse, record));
      await rememberIds(deps, record);
      const { project_id, request_id } = record;
      await countRemoved(clickhouse, { project_id, request_id }, `${request_id} ${round}`);
    }
    for (const table of personalTables) {
      await assertHeld();
      await removeRows(clickhouse, table, removal);
    }
  }
  for (const table of personalTables) await oldPartsGone(clickhouse, table);

  const done: ForgetRecord[] = [];
  for (const record of running) {
    await assertHeld();
    // Written before the list is gone: afterwards nobody could count.
    await saveForget(clickhouse, { ...record, removed: record.found });
    await dropWorkList(clickhouse, record.request_id);
    const finished_at = new Date().toISOString();
    done.push({ ...record, removed: record.found, state: "done", finished_at });
    await saveForget(clickhouse, { ...record, removed: record.found, state: "done", finished_at });
  }
  return done;
}

/** A list that is removed in part already, by a process that died, tells less than it did. */
const more = (before: Record<string, number>, now: Record<string, number>) =>
  Object.fromEntries(Object.entries(now).map(([table, rows]) => [table, Math.max(rows, before[table] ?? 0)]));

async function rememberIds({ clickhouse, hashes }: RemovalDeps, record: ForgetRecord): Promise<void> {
  const { project_id, request_id } = record;
  let after = { anonymous_id: "", event_id: "" };
  for (;;) {
    const page = await hiddenEventIds(clickhouse, { project_id, request_id }, { after, limit: idsAtOnce });
    const last = page.at(-1);
    if (last === undefined) return;
    const ids = page.map(({ event_id }) => hashes.event(project_id, event_id));
    await rememberRemovedIds(clickhouse, project_id, ids);
    after = last;
  }
}
