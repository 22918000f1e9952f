import type { ClickHouse } from "../clickhouse.ts";
import { askAmong } from "./among-visitors.ts";
import { chunksByBytes, narrowed } from "./chunks.ts";
import { loadSql } from "./load-sql.ts";
import { instant, type Scope } from "./scope.ts";
import { bind, type OfUser, onDevices, pageOfUsers, type StitchedParams, type UsersPage } from "./stitched.ts";

/** Of a user's first touch. */
export const userFilters = ["source", "medium", "channel", "campaign"] as const;

export interface UsersParams extends StitchedParams, OfUser {
  filters: Partial<Record<(typeof userFilters)[number], string[] | undefined>>;
  limit: number;
  /** The last user_id of the page before. */
  after?: string | undefined;
}

/** Where somebody came from, and when. */
export interface Touch {
  source: string;
  medium: string;
  campaign: string;
  channel: string;
  /** ISO 8601 in UTC. */
  at: string;
}

/** The latest value of a trait, JSON text, and the url that it came with. */
export interface Trait {
  name: string;
  value: string;
  url: string;
}

/** A profile. Instants are ISO 8601 in UTC. */
export interface UserRow {
  user_id: string;
  first_seen_at: string;
  last_seen_at: string;
  events: number;
  /** Visitors in the order they first became this user. */
  devices: string[];
  /** How many of them have met another user, too. */
  shared_devices: number;
  traits: Trait[];
  first_touch: Touch;
  /** The newest entry of a session; null when nothing was one, as of a user that only servers tell of. */
  last_touch: Touch | null;
}

type Columns = [source: string, medium: string, campaign: string, channel: string];
type Found = Pick<UserRow, "user_id" | "first_seen_at" | "last_seen_at" | "events"> & { first_touch: Columns };

/** Users seen in the range, by user_id, with their profiles as of `to`. */
export async function users(clickhouse: ClickHouse, params: UsersParams): Promise<UserRow[]> {
  const filters = Object.fromEntries(userFilters.map((name) => [name, params.filters[name] ?? []]));
  const { after = "", limit } = params;
  const report = (of: UsersPage) => askAmong<Found>(clickhouse, "users", of, { ...filters, ...bind(params), ...of });
  const found =
    params.user_id === undefined
      ? await pageOfUsers(clickhouse, params, report)
      : await onDevices(clickhouse, params, ({ user_id: _, ...visitors }) => report({ ...visitors, after, limit }));
  const profiles: UserRow[] = [];
  for (const chunk of chunksByBytes(found, ({ user_id }) => [user_id])) {
    const places = await placesOf(
      clickhouse,
      params,
      chunk.map(({ user_id }) => user_id),
    );
    const withPlaces = chunk.map((user) => ({ user, places: places.get(user.user_id) ?? [] }));
    for (const part of chunksByBytes(withPlaces, ({ places }) => places.map(({ anonymous_id }) => anonymous_id)))
      profiles.push(...(await profilesOf(clickhouse, params, part)));
  }
  return profiles;
}

interface Place {
  user_id: string;
  anonymous_id: string;
  /** Whether it is a device of the user's, or only holds events of the user. */
  linked: boolean;
  shared: boolean;
}

async function placesOf(clickhouse: ClickHouse, { project_id, env }: Scope, user_ids: string[]) {
  const rows = await clickhouse.query<Place>(loadSql("users-devices"), { project_id, env, user_ids });
  return groupBy(rows);
}

async function profilesOf(
  clickhouse: ClickHouse,
  params: UsersParams,
  users: readonly { user: Found; places: readonly Place[] }[],
): Promise<UserRow[]> {
  const of = {
    project_id: params.project_id,
    env: params.env,
    include_bots: params.include_bots,
    to: instant(params.to),
    user_ids: users.map(({ user }) => user.user_id),
    devices: narrowed(users.flatMap(({ places }) => places.map(({ anonymous_id }) => anonymous_id))),
  };
  const [traits, touches] = await Promise.all([
    clickhouse.query<Trait & { user_id: string }>(loadSql("users-traits"), of),
    clickhouse.query<{ user_id: string; touch: Columns; at: string }>(loadSql("users-last-touch"), {
      ...of,
      stitch: params.stitch,
    }),
  ]);
  const traitsOf = groupBy(traits);
  const touchesOf = groupBy(touches);
  return users.map(({ user, places }) => {
    const [last] = touchesOf.get(user.user_id) ?? [];
    return {
      ...user,
      devices: places.filter(({ linked }) => linked).map(({ anonymous_id }) => anonymous_id),
      shared_devices: places.filter(({ shared }) => shared).length,
      traits: (traitsOf.get(user.user_id) ?? []).map(({ name, value, url }) => ({ name, value, url })),
      first_touch: touchOf(user.first_touch, user.first_seen_at),
      last_touch: last === undefined ? null : touchOf(last.touch, last.at),
    };
  });
}

const touchOf = ([source, medium, campaign, channel]: Columns, at: string): Touch => ({
  source,
  medium,
  campaign,
  channel,
  at,
});

function groupBy<Row extends { user_id: string }>(rows: readonly Row[]): Map<string, Row[]> {
  return Map.groupBy(rows, ({ user_id }) => user_id);
}
