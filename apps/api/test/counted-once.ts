import { expect } from "vitest";
import { type Deployment, everyRow } from "./deployment.ts";

interface StoredEvent {
  event_id: string;
  anonymous_id: string;
  user_id: string | null;
  properties: Record<string, unknown>;
}

const idsOf = (events: readonly StoredEvent[]) => events.map(({ event_id }) => event_id).toSorted();

/**
 * Every event, as `/v1/query` gives them; each counts once there, and in every other read. For events of which each user has one
 * visitor, and each visitor one user at most.
 * @param journeys How many users' journeys are read.
 */
export async function countedOnce(deployment: Deployment, journeys: number): Promise<StoredEvent[]> {
  const events = await everyRow<StoredEvent>(deployment, "/v1/query");
  expect(new Set(idsOf(events)).size).toBe(events.length);

  const stats = async (metric: string) =>
    (await everyRow<{ value: number }>(deployment, `/v1/stats?metric=${metric}`)).map(({ value }) => value);
  const visitors = Map.groupBy(events, ({ anonymous_id }) => anonymous_id);
  const known = events.filter(({ user_id }) => user_id !== null);
  const users = new Map(known.map(({ user_id, anonymous_id }) => [user_id, anonymous_id]));
  expect(await stats("count")).toEqual([events.length]);
  expect(await stats("uniques")).toEqual([visitors.size]);
  expect(await stats("users")).toEqual([users.size]);

  const sources = await everyRow<{ events: number }>(deployment, "/v1/sources");
  expect(sources.reduce((sum, source) => sum + source.events, 0)).toBe(events.length);

  const linked = await everyRow<{ devices: string[] }>(deployment, "/v1/devices?min_devices=1");
  expect(linked.flatMap(({ devices }) => devices).toSorted()).toEqual([...users.values()].toSorted());

  const sessions = await everyRow<{ events: number }>(deployment, "/v1/sessions");
  expect(sessions.reduce((sum, session) => sum + session.events, 0)).toBe(events.length);
  expect(await stats("sessions")).toEqual([sessions.length]);

  const step = Math.max(1, Math.floor(users.size / journeys));
  for (const [user_id, anonymous_id] of [...users].filter((_, index) => index % step === 0)) {
    const journey = await everyRow<StoredEvent>(deployment, `/v1/users/${user_id}/journey`);
    expect(idsOf(journey)).toEqual(idsOf(visitors.get(anonymous_id) ?? []));
  }
  return events;
}
