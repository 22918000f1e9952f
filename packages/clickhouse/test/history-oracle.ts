import type { Stitch } from "../src/index.ts";
import type { TestEvent } from "./event-rows.ts";
import { inOrder, sessionsByDefinition } from "./session-oracle.ts";
import { linkName, ownersByDefinition } from "./stitch-oracle.ts";

const hour = 3_600_000;

/** What every read must say of these events while these links are withdrawn: naively, from the definition of an owner alone. */
export function answersByDefinition(events: readonly TestEvent[], withdrawn: ReadonlySet<string>, stitch: Stitch) {
  const owners = ownersByDefinition(events, stitch, withdrawn);
  const ownersOf = (event: TestEvent) => owners[event.event_id] ?? [];
  const people = [...new Set(events.flatMap(ownersOf))].filter((owner) => owner !== null).sort();
  const pathOf = (user: string) => events.filter((event) => ownersOf(event).includes(user)).sort(inOrder);
  const paths = new Map(people.map((user) => [user, pathOf(user)]));
  const links = new Set(
    events
      .filter((event) => event.anonymous_id !== "" && event.user_id != null && !withdrawn.has(linkName(event)))
      .map(linkName),
  );
  const groups = [...new Set(events.map(({ path = "" }) => path))].sort();
  const perGroup = (count: (event: TestEvent) => (string | null)[]) =>
    Object.fromEntries(
      groups.map((group) => {
        const seen = events.filter(({ path }) => path === group).flatMap(count);
        return [group, new Set(seen.filter((one) => one !== null)).size];
      }),
    );
  return {
    owners,
    journeys: Object.fromEntries([...paths].map(([user, path]) => [user, path.map(({ event_id }) => event_id)])),
    touches: [...paths].map(([user, [first]]) => [user, first?.source, first?.timestamp.toISOString()].join(" ")),
    profiles: [...paths].map(([user, path]) => {
      const devices = [...links].filter((link) => link.endsWith(` is ${user}`)).map((link) => link.split(" ")[0]);
      const met = (device = "") => [...links].filter((link) => link.startsWith(`${device} is `)).length;
      const shared = devices.filter((device) => met(device) > 1).length;
      return [user, path.length, path.at(-1)?.timestamp.toISOString(), devices.length, shared].join(" ");
    }),
    signups: [...paths].map(([user, path]) => {
      const signup = path.find(({ event_name }) => event_name === "signup");
      const at = (event: TestEvent | undefined) => Math.floor((event?.timestamp.getTime() ?? 0) / hour);
      return [user, signup?.timestamp.toISOString(), signup === undefined ? undefined : at(signup) - at(path[0])].join(
        " ",
      );
    }),
    users: perGroup(ownersOf),
    sessions: sessionsOf(events, owners),
  };
}

/** Each session with its visitor, its length and whose it is: its last event's that anybody owns. */
function sessionsOf(events: readonly TestEvent[], owners: Record<string, (string | null)[]>): string[] {
  const bySession = Map.groupBy(sessionsByDefinition(events), ([, session]) => session);
  return [...bySession.values()]
    .map((entries) => {
      const path = entries.map(([event]) => event).sort(inOrder);
      const [first] = path;
      const owner = path.map((event) => owners[event.event_id]?.[0] ?? null).findLast((one) => one !== null) ?? null;
      return [first?.anonymous_id, first?.timestamp.toISOString(), path.length, owner].join(" ");
    })
    .sort();
}
