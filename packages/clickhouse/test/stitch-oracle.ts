import type { Stitch } from "../src/index.ts";
import type { TestEvent } from "./event-rows.ts";

interface Link {
  at: number;
  user: string;
}

/** Names a link in a set of withdrawn ones. */
export const linkName = ({ anonymous_id, user_id }: Pick<TestEvent, "anonymous_id" | "user_id">) =>
  `${anonymous_id} is ${user_id}`;

/** SPEC 5.2 written down naively, event by event; the owners of one event come sorted. */
export function ownersByDefinition(
  events: readonly TestEvent[],
  stitch: Stitch,
  withdrawn: ReadonlySet<string> = new Set(),
): Record<string, (string | null)[]> {
  return Object.fromEntries(events.map((event) => [event.event_id, ownersOf(event, events, stitch, withdrawn)]));
}

function ownersOf(
  event: TestEvent,
  events: readonly TestEvent[],
  stitch: Stitch,
  withdrawn: ReadonlySet<string>,
): (string | null)[] {
  if (event.user_id != null) return [event.user_id];
  const links: Link[] = events
    .filter((other) => other.anonymous_id === event.anonymous_id && event.anonymous_id !== "")
    .filter((other) => !withdrawn.has(linkName(other)))
    .flatMap(({ user_id, timestamp }) => (user_id == null ? [] : [{ at: timestamp.getTime(), user: user_id }]))
    .sort((a, b) => a.at - b.at || (a.user < b.user ? -1 : 1));
  const [first] = links;
  if (first === undefined) return [null];
  if (stitch === "all_devices") return [...new Set(links.map((link) => link.user))].sort();
  if (stitch === "first_owner") return [first.user];
  const next = links.find((link) => link.at >= event.timestamp.getTime());
  return [next?.user ?? links.at(-1)?.user ?? null];
}
