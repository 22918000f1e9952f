import type { ClickHouse } from "../clickhouse.ts";
import { askAmong, type Visitors } from "./among-visitors.ts";
import { chunksByBytes, narrowed } from "./chunks.ts";
import { hasExceptions } from "./exceptions.ts";
import { loadSql } from "./load-sql.ts";
import { instant, type Range, type Scope, type Stitch } from "./scope.ts";

/** What every stitched report takes. */
export interface StitchedParams extends Scope, Range {
  stitch: Stitch;
  include_bots: boolean;
}

/** One user's events only, by primary key, instead of the project's. */
export interface OfUser {
  user_id?: string | undefined;
}

export interface Page {
  limit: number;
  /** The last user_id of the page before. */
  after?: string | undefined;
}

export const bind = ({ project_id, env, stitch, include_bots, from, to }: StitchedParams) => ({
  project_id,
  env,
  stitch,
  include_bots,
  from: instant(from),
  to: instant(to),
});

/** A visitor that was a user, and since when, in epoch milliseconds. */
export interface Device {
  anonymous_id: string;
  since: number;
}

/**
 * The visitors that were this user, with `""` standing for events sent by a server without a visitor; empty when nobody
 * ever was.
 */
export async function userDevices(
  clickhouse: ClickHouse,
  { project_id, env }: Scope,
  user_id: string,
): Promise<{ devices: Device[]; excepted: boolean }> {
  const params = { project_id, env, user_id };
  const [found, excepted] = await Promise.all([
    clickhouse.query<Device>(loadSql("user-devices"), params),
    hasExceptions(clickhouse, params),
  ]);
  const devices = eachOnce(found);
  if (!excepted) return { devices, excepted };
  const rows = await clickhouse.query<{ anonymous_id: string }>(loadSql("hidden-devices"), params);
  const hidden = new Set(rows.map(({ anonymous_id }) => anonymous_id));
  return { devices: devices.filter(({ anonymous_id }) => !hidden.has(anonymous_id)), excepted };
}

/** By name, each since it was the user first. */
function eachOnce(found: readonly Device[]): Device[] {
  const since = new Map<string, number>();
  for (const device of found)
    since.set(device.anonymous_id, Math.min(device.since, since.get(device.anonymous_id) ?? Infinity));
  return [...since]
    .map(([anonymous_id, since]) => ({ anonymous_id, since }))
    .sort((a, b) => (a.anonymous_id < b.anonymous_id ? -1 : 1));
}

/** Runs `report` on one user's devices, or on all when no user is named; no rows for a user nobody ever was. */
export async function onDevices<Row>(
  clickhouse: ClickHouse,
  params: StitchedParams & OfUser,
  report: (of: Visitors & { user_id: string }) => Promise<Row[]>,
): Promise<Row[]> {
  if (params.user_id === undefined) return report({ user_id: "", user_ids: [], devices: [], excepted: true });
  const { devices, excepted } = await userDevices(clickhouse, params, params.user_id);
  if (devices.length === 0) return [];
  const ids = narrowed(devices.map(({ anonymous_id }) => anonymous_id));
  return report({ user_id: params.user_id, user_ids: [params.user_id], devices: ids, excepted });
}

/** Users to look at and their visitors, both empty for everybody; what they come after by user_id, and how many rows are wanted. */
export type UsersPage = Visitors & { after: string; limit: number };

/** Looks at the next users before a page reads the project instead, and users of a look. */
const most = { looks: 4, users: 1_000 };

/**
 * A page of a report on users, by user_id: the next few users' visitors are read by primary key, and a few more as long as too few of them
 * belong into the page. Where hardly any does, the rest of the page costs one read of the project.
 *
 * @param knownSince Leaves out who did something as this user before; default: nobody.
 */
export async function pageOfUsers<Row extends { user_id: string }>(
  clickhouse: ClickHouse,
  { project_id, env, include_bots, limit, after = "", knownSince }: StitchedParams & Page & { knownSince?: Date },
  report: (of: UsersPage) => Promise<Row[]>,
): Promise<Row[]> {
  const page: Row[] = [];
  const excepted = await hasExceptions(clickhouse, { project_id });
  let last = after;
  for (let look = 0; look < most.looks; look++) {
    const asked = look === 0 ? Math.min(limit, most.users) : most.users;
    const next = await clickhouse.query<{ user_id: string; devices: string[] }>(loadSql("next-users"), {
      project_id,
      env,
      after: last,
      include_bots,
      known_since: knownSince === undefined ? "1900-01-01" : instant(knownSince),
      limit: asked,
    });
    const [users = []] = chunksByBytes(next, ({ user_id, devices }) => [user_id, ...devices]);
    if (users.length > 0) {
      const user_ids = users.map(({ user_id }) => user_id);
      const devices = narrowed(users.flatMap((user) => user.devices));
      page.push(...(await report({ user_ids, devices, excepted, after: last, limit: limit - page.length })));
      last = user_ids.at(-1) ?? last;
    }
    if (page.length === limit || (users.length === next.length && next.length < asked)) return page;
  }
  return [...page, ...(await report({ user_ids: [], devices: [], excepted, after: last, limit: limit - page.length }))];
}

export interface ConversionRow {
  user_id: string;
  first_seen_at: string;
  /** In the order of the events asked for. */
  reached_at: (string | null)[];
  reached_hours: (number | null)[];
}

/** Seed 3c: when each user first reached each of `events`. */
export function conversions(
  clickhouse: ClickHouse,
  params: StitchedParams & OfUser & Page & { events: string[] },
): Promise<ConversionRow[]> {
  const { events, after = "", limit, from } = params;
  const report = (of: UsersPage) =>
    askAmong<ConversionRow>(clickhouse, "conversions", of, { ...bind(params), ...of, events });
  if (params.user_id === undefined) return pageOfUsers(clickhouse, { ...params, knownSince: from }, report);
  return onDevices(clickhouse, params, ({ user_id: _, ...visitors }) => report({ ...visitors, after, limit }));
}

export interface ConversionSummaryRow {
  users: number;
  reached: number[];
  /** Per event the 25th, 50th, 75th and 90th percentile of hours; NULLs where nobody reached it. */
  hours: (number | null)[][];
}

/** Seed 3c as percentiles over all users in the range. */
export async function conversionsSummary(
  clickhouse: ClickHouse,
  params: StitchedParams & OfUser & { events: string[] },
): Promise<ConversionSummaryRow> {
  const rows = await onDevices<ConversionSummaryRow>(clickhouse, params, (of) =>
    askAmong(clickhouse, "conversions-summary", of, { ...bind(params), user_id: of.user_id, events: params.events }),
  );
  const nothing = { users: 0, reached: params.events.map(() => 0), hours: params.events.map(() => []) };
  const [row] = rows;
  return row === undefined || row.users === 0 ? nothing : row;
}

export interface JourneyParams extends StitchedParams {
  user_id: string;
  limit: number;
  phase?: "before_identify" | "identified" | undefined;
  after?: { timestamp: Date; event_id: string } | undefined;
}

/** Seed 3b and the whole timeline of one user, oldest first. */
export async function journey(clickhouse: ClickHouse, params: JourneyParams): Promise<JourneyRow[]> {
  const { devices, excepted } = await userDevices(clickhouse, params, params.user_id);
  const pages: JourneyRow[][] = [];
  for (const part of chunksByBytes(devices, ({ anonymous_id, since }) => [anonymous_id, String(since)])) {
    const ids = part.map(({ anonymous_id }) => anonymous_id);
    const visitors: Visitors = { devices: ids, user_ids: [params.user_id], excepted };
    const page = await askAmong<JourneyRow>(clickhouse, "journey", visitors, {
      ...bind(params),
      since: part.map(({ since }) => since),
      user_id: params.user_id,
      phase: params.phase ?? "",
      after_timestamp: instant(params.after?.timestamp ?? new Date(-1e12)),
      after_event_id: params.after?.event_id ?? "",
      limit: params.limit,
    });
    pages.push(page);
  }
  const [only, ...others] = pages;
  return others.length === 0 ? (only ?? []) : pages.flat().sort(inOrder).slice(0, params.limit);
}

/** As ClickHouse orders them: ids by their bytes. */
const inOrder = (a: JourneyRow, b: JourneyRow) =>
  Date.parse(a.timestamp) - Date.parse(b.timestamp) || Buffer.compare(Buffer.from(a.event_id), Buffer.from(b.event_id));

/** A stored event, as reads give it. Instants are ISO 8601 in UTC; `properties` and `context` are JSON text. */
export interface EventRow {
  event_id: string;
  timestamp: string;
  received_at: string;
  event_name: string;
  anonymous_id: string;
  user_id: string | null;
  session_id: string;
  source: string;
  medium: string;
  campaign: string;
  channel: string;
  source_confidence: string;
  source_rule_id: string;
  url: string;
  path: string;
  referrer: string;
  title: string;
  country: string;
  device_type: string;
  browser: string;
  os: string;
  is_bot: boolean;
  bot_reason: string;
  properties: string;
  context: string;
  env: string;
  timestamp_clamped: boolean;
}

export interface JourneyRow extends EventRow {
  phase: "before_identify" | "identified";
}
