import { setTimeout as wait } from "node:timers/promises";
import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";

/** What the rules said of an event: the columns that follow from its url and referrer. */
export interface Verdict {
  source: string;
  medium: string;
  campaign: string;
  channel: string;
  source_confidence: string;
  source_rule_id: string;
}

export const verdictColumns = [
  "source",
  "medium",
  "campaign",
  "channel",
  "source_confidence",
  "source_rule_id",
] as const satisfies readonly (keyof Verdict)[];

/** One url and referrer, with what was said of them, and how many events that was said of. */
export interface EntryRow extends Verdict {
  /** Hash of url and referrer, decimal. */
  entry: string;
  url: string;
  referrer: string;
  events: number;
}

/** The events of one project that rules before `rules_version` decided. */
export interface OlderRules {
  project_id: string;
  rules_version: number;
}

export function partitionsOfOlderRules(
  clickhouse: ClickHouse,
  { project_id, rules_version }: OlderRules,
): Promise<{ partition: string; events: number }[]> {
  return clickhouse.query(loadSql("partitions-of-older-rules"), { project_id, rules_version });
}

/** `slice` of `slices`: entries are spread over them evenly. */
export function entriesOfOlderRules(
  clickhouse: ClickHouse,
  {
    project_id,
    rules_version,
    partition,
    slice,
    slices,
  }: OlderRules & { partition: string; slice: number; slices: number },
): Promise<EntryRow[]> {
  return clickhouse.query(loadSql("entries-of-older-rules"), { project_id, rules_version, partition, slice, slices });
}

/** Entries of one statement: its text, which replicas share through Keeper, stays well below a megabyte. */
export const mostVerdicts = 2000;

const entry = "toString(sipHash64(url, referrer))";
const place = `toUInt32OrZero(transform(${entry}, {entries:Array(String)}, {places:Array(String)}, '1'))`;
// Literal values only, so that every replica does the same. Seven small columns of a partition's parts are rewritten, and projections
// hold none of them.
const storeSql = `
ALTER TABLE events_v1
UPDATE ${verdictColumns.map((column) => `${column} = {${column}:Array(String)}[${place}]`).join(", ")},
    rules_version = {rules_version:UInt16}
IN PARTITION ID {partition:String}
WHERE project_id = {project_id:String} AND rules_version < {rules_version:UInt16} AND ${entry} IN {entries:Array(String)}`;

/**
 * Gives every event of these entries, in one partition, its new verdict. Returns when the change is queued; `changesDone` waits.
 * `verdicts` are at most `mostVerdicts`.
 */
export async function storeVerdicts(
  clickhouse: ClickHouse,
  { project_id, rules_version, partition }: OlderRules & { partition: string },
  verdicts: ReadonlyMap<string, Verdict>,
): Promise<void> {
  const places = new Map<string, number>();
  const distinct: Verdict[] = [];
  const placeOf = (verdict: Verdict): string => {
    const key = JSON.stringify(verdictColumns.map((column) => verdict[column]));
    const place = places.get(key) ?? distinct.push(verdict);
    places.set(key, place);
    return String(place);
  };
  const entries = [...verdicts.keys()];
  const at = [...verdicts.values()].map(placeOf);
  const values = Object.fromEntries(
    verdictColumns.map((column) => [column, distinct.map((verdict) => verdict[column])]),
  );
  await clickhouse.command(storeSql, {
    project_id,
    rules_version,
    partition,
    entries,
    places: at,
    ...values,
  });
}

const unfinished = `
SELECT count() AS waiting, max(latest_fail_reason) AS failure
FROM system.mutations
WHERE database = currentDatabase() AND table = 'events_v1' AND NOT is_done`;

/** Resolves when no change of events is under way. @throws Error with what ClickHouse says of one that fails */
export async function changesDone(clickhouse: ClickHouse, everyMs = 200): Promise<void> {
  for (;;) {
    const [state] = await clickhouse.lookUp<{ waiting: number; failure: string }>(unfinished);
    if (state === undefined || state.waiting === 0) return;
    if (state.failure !== "") throw new Error(`ClickHouse cannot change the events: ${state.failure}`);
    await wait(everyMs);
  }
}
