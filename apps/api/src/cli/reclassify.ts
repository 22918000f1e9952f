import { migrationStatus, type Verdict } from "@millimetric/clickhouse";
import type { Config } from "../config.ts";
import { openClickHouse } from "../platform.ts";
import { type Change, type Reclassification, reclassify } from "../reclassify.ts";
import type { Say } from "./migrate.ts";

/** Differences that are printed. */
const mostShown = 50;

/** Looks again at what older rules decided in one project; says what comes out otherwise, and with `apply` stores it. */
export async function reclassifyProject(
  config: Config,
  { project, apply }: { project: string; apply: boolean },
  say: Say,
): Promise<void> {
  const clickhouse = await openClickHouse(config);
  try {
    if ((await migrationStatus(clickhouse)).some(({ state }) => state !== "applied"))
      throw new Error("the schema is not current; run millimetric migrate up first");
    const params = { project_id: project };
    const sql = "SELECT name FROM projects_v1 FINAL WHERE project_id = {project_id:String}";
    if ((await clickhouse.lookUp(sql, params)).length === 0) throw new Error(`there is no project ${project}`);
    for (const line of report(await reclassify(clickhouse, { ...params, apply }), apply)) say(line);
  } finally {
    await clickhouse.close();
  }
}

function report({ rules_version, events, changed, changes }: Reclassification, apply: boolean): string[] {
  const lines = [
    `${events} events were decided by rules before version ${rules_version}; ${changed} come out otherwise`,
  ];
  for (const { from, to, events } of changes.slice(0, mostShown))
    lines.push(`${String(events).padStart(10)}  ${shown(from)}  →  ${shown(to)}${otherDifference({ from, to })}`);
  if (changes.length > mostShown) lines.push(`            and ${changes.length - mostShown} more differences`);
  if (changed === 0) lines.push("nothing to do");
  else lines.push(apply ? "stored" : "nothing was changed; store it with --apply");
  return lines;
}

const shown = ({ source, medium, channel, source_rule_id }: Verdict) =>
  `${source}/${medium} ${channel} (${source_rule_id})`;

function otherDifference({ from, to }: Pick<Change, "from" | "to">): string {
  if (from.campaign !== to.campaign)
    return `, campaign ${JSON.stringify(from.campaign)} → ${JSON.stringify(to.campaign)}`;
  if (from.source_confidence !== to.source_confidence) return `, ${from.source_confidence} → ${to.source_confidence}`;
  return "";
}
