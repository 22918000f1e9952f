import { randomUUID } from "node:crypto";
import { classify, RULES_VERSION } from "@millimetric/attribution";
import {
  type ClickHouse,
  changesDone,
  type EntryRow,
  entriesOfOlderRules,
  mostVerdicts,
  partitionsOfOlderRules,
  storeVerdicts,
  type Verdict,
  verdictColumns,
} from "@millimetric/clickhouse";

/** Events whose verdict older and newer rules do not share. */
export interface Change {
  from: Verdict;
  to: Verdict;
  events: number;
}

export interface Reclassification {
  /** Version of the rules that looked again. */
  rules_version: number;
  /** Events that older rules decided. */
  events: number;
  /** Those of them that come out otherwise. */
  changed: number;
  /** Most events first. */
  changes: Change[];
}

export interface ReclassifyOptions {
  project_id: string;
  /** False: only tells. */
  apply: boolean;
  /** Events read at once, at most. */
  sliceEvents?: number;
}

/** Statements that may wait in ClickHouse; it takes several in one pass. */
const mostQueued = 50;

/**
 * Lets the rules of today look again at the stored url and referrer of every event that older rules decided. What comes out
 * otherwise is told, and with `apply` stored: in the columns that follow from url and referrer, and nowhere else. May be stopped
 * and run again at any time; an event that comes out the same is left alone.
 */
export async function reclassify(clickhouse: ClickHouse, options: ReclassifyOptions): Promise<Reclassification> {
  const { project_id, apply, sliceEvents = 200_000 } = options;
  const older = { project_id, rules_version: RULES_VERSION };
  const run_id = randomUUID();
  const total = createSum();
  let events = 0;
  let queued = 0;

  async function store(partition: string, changed: readonly Changed[]): Promise<void> {
    const sum = createSum();
    for (const { row, to } of changed) sum.add(row, to);
    const log = { run_id, ...older, partition, events: sum.events(), changes: JSON.stringify(sum.changes()) };
    await clickhouse.insert({ table: "reclassifications_v1", lines: [JSON.stringify(log)], token: randomUUID() });
    const verdicts = [...new Map(changed.map(({ row, to }) => [row.entry, to]))];
    for (let i = 0; i < verdicts.length; i += mostVerdicts) {
      await storeVerdicts(clickhouse, { ...older, partition }, new Map(verdicts.slice(i, i + mostVerdicts)));
      if (++queued % mostQueued === 0) await changesDone(clickhouse);
    }
  }

  for (const { partition, events: inPartition } of await partitionsOfOlderRules(clickhouse, older)) {
    events += inPartition;
    const slices = Math.ceil(inPartition / sliceEvents);
    for (let slice = 0; slice < slices; slice++) {
      const changed = (await entriesOfOlderRules(clickhouse, { ...older, partition, slice, slices })).flatMap(changeOf);
      for (const { row, to } of changed) total.add(row, to);
      if (apply && changed.length > 0) await store(partition, changed);
    }
  }
  if (queued > 0) await changesDone(clickhouse);
  return { rules_version: RULES_VERSION, events, changed: total.events(), changes: total.changes() };
}

interface Changed {
  row: EntryRow;
  to: Verdict;
}

function changeOf(row: EntryRow): Changed[] {
  const { confidence, rule_id, ...origin } = classify(row);
  const to = { ...origin, source_confidence: confidence, source_rule_id: rule_id };
  return verdictColumns.some((column) => row[column] !== to[column]) ? [{ row, to }] : [];
}

/** Adds events up by what was said and what is said now. */
function createSum() {
  const byChange = new Map<string, Change>();
  return {
    add({ events, ...row }: EntryRow, to: Verdict): void {
      const from = verdictOf(row);
      const key = JSON.stringify([from, to]);
      const known = byChange.get(key);
      if (known === undefined) byChange.set(key, { from, to, events });
      else known.events += events;
    },
    events: () => [...byChange.values()].reduce((sum, change) => sum + change.events, 0),
    changes: () => [...byChange.values()].sort((a, b) => b.events - a.events),
  };
}

function verdictOf({ source, medium, campaign, channel, source_confidence, source_rule_id }: Verdict): Verdict {
  return { source, medium, campaign, channel, source_confidence, source_rule_id };
}
