import type { ClickHouse } from "../clickhouse.ts";
import { askAmong } from "./among-visitors.ts";
import { idOrder } from "./event-key.ts";
import { hasExceptions } from "./exceptions.ts";
import { loadSql } from "./load-sql.ts";
import { instant, type Scope, type Stitch } from "./scope.ts";

/** What put an event with its user: one of the rules of the stitch. */
export type StitchRule = "own_user_id" | "next_link" | "last_link" | "first_link" | "any_link" | "none";

/** A link of the event's visitor. Instants are ISO 8601 in UTC. */
export interface ExplainedLink {
  anonymous_id: string;
  user_id: string;
  first_seen: string;
  last_seen: string;
  /** When, why and by which key it was withdrawn. */
  withdrawn: { at: string; reason: string; key_prefix: string } | null;
}

export interface ExplainedOwner {
  user_id: string | null;
  rule: StitchRule;
  /** The link that the rule found; without one for an event that a server sent without a visitor. */
  link: (ExplainedLink & { event_id: string | null; at: string }) | null;
}

export interface Explanation {
  event: {
    event_id: string;
    timestamp: string;
    event_name: string;
    anonymous_id: string;
    user_id: string | null;
  };
  /** One owner, or with `all_devices` every one. */
  owners: Record<Stitch, ExplainedOwner[]>;
  /** Every link of the visitor, oldest first. */
  links: ExplainedLink[];
}

interface AroundRow {
  user_id: string;
  first_seen: string;
  last_seen: string;
  next_at: string | null;
  next_event_id: string | null;
  last_at: string | null;
  last_event_id: string | null;
  withdrawn_at: string | null;
  withdrawn_because: string | null;
  withdrawn_by: string | null;
}

const stitches = ["time_sliced", "first_owner", "all_devices"] as const satisfies readonly Stitch[];

/** Why an event belongs to whom it does, for each form of the stitch; `undefined` when there is no such event. */
export async function explain(
  clickhouse: ClickHouse,
  { project_id, env, event_id }: Scope & { event_id: string },
): Promise<Explanation | undefined> {
  const scope = { project_id, env };
  const [event] = await clickhouse.query<Explanation["event"]>(loadSql("event-to-explain"), {
    ...scope,
    event_id,
    // The same whenever the event happened.
    low: String(idOrder(event_id, new Date(0)).low),
  });
  if (event === undefined) return undefined;
  const { anonymous_id } = event;
  // Sent by a server without a visitor: there is no link to look for.
  if (anonymous_id === "") {
    const owner: ExplainedOwner = { user_id: event.user_id, rule: "own_user_id", link: null };
    return { event, owners: { time_sliced: [owner], first_owner: [owner], all_devices: [owner] }, links: [] };
  }
  const at = instant(new Date(event.timestamp));
  const [around, excepted] = await Promise.all([
    clickhouse.query<AroundRow>(loadSql("links-around"), { ...scope, anonymous_id, at }),
    hasExceptions(clickhouse, scope),
  ]);
  const visitors = { devices: [anonymous_id], user_ids: [], excepted };
  const owners = async (stitch: Stitch): Promise<ExplainedOwner[]> => {
    // The stitch that every read uses says who; the links say why.
    const params = { ...scope, event_id, at, stitch };
    const rows = await askAmong<{ owner: string | null }>(clickhouse, "owners-of-event", visitors, params);
    return rows.map(({ owner }) => because(owner, event, around, stitch));
  };
  const [time_sliced = [], first_owner = [], all_devices = []] = await Promise.all(stitches.map(owners));
  return {
    event,
    owners: { time_sliced, first_owner, all_devices },
    links: around.map((row) => shown(row, anonymous_id)),
  };
}

function because(
  owner: string | null,
  { anonymous_id, user_id, event_id, timestamp }: Explanation["event"],
  around: readonly AroundRow[],
  stitch: Stitch,
): ExplainedOwner {
  const found = (rule: StitchRule, row: AroundRow | undefined, by: { event_id: string | null; at: string | null }) => ({
    user_id: owner,
    rule,
    link:
      row === undefined ? null : { ...shown(row, anonymous_id), event_id: by.event_id, at: by.at ?? row.first_seen },
  });
  const own = around.find((row) => row.user_id === owner);
  if (owner === null) return { user_id: null, rule: "none", link: null };
  if (user_id !== null) return found("own_user_id", own, { event_id, at: timestamp });
  if (stitch === "all_devices") return found("any_link", own, { event_id: null, at: null });
  if (stitch === "first_owner") return found("first_link", own, { event_id: null, at: null });
  const valid = around.filter((row) => row.withdrawn_at === null);
  const next = valid.flatMap(({ next_at }) => next_at ?? []).toSorted()[0];
  if (next !== undefined) {
    const row = valid.find((one) => one.user_id === owner && one.next_at === next);
    return found("next_link", row, { event_id: row?.next_event_id ?? null, at: next });
  }
  const last =
    valid
      .flatMap(({ last_at }) => last_at ?? [])
      .toSorted()
      .at(-1) ?? null;
  const row = valid.find((one) => one.user_id === owner && one.last_at === last);
  return found("last_link", row, { event_id: row?.last_event_id ?? null, at: last });
}

function shown(row: AroundRow, anonymous_id: string): ExplainedLink {
  const { user_id, first_seen, last_seen, withdrawn_at, withdrawn_because, withdrawn_by } = row;
  const withdrawn =
    withdrawn_at === null
      ? null
      : { at: withdrawn_at, reason: withdrawn_because ?? "", key_prefix: withdrawn_by ?? "" };
  return { anonymous_id, user_id, first_seen, last_seen, withdrawn };
}
