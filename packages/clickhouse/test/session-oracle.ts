import type { TestEvent } from "./event-rows.ts";

const minute = 60_000;

/** By time, then by id: the order that every read has. */
export const inOrder = (a: TestEvent, b: TestEvent) =>
  a.timestamp.getTime() - b.timestamp.getTime() || (a.event_id < b.event_id ? -1 : 1);

/** SPEC 4.2 written down naively: each event's session. Events without a visitor are the user's that sent them. */
export function sessionsByDefinition(events: readonly TestEvent[]): Map<TestEvent, string> {
  const found = new Map<TestEvent, string>();
  const visitorOf = ({ anonymous_id, user_id }: TestEvent) => (anonymous_id ? `v ${anonymous_id}` : `s ${user_id}`);
  for (const visitor of new Set(events.map(visitorOf))) {
    let previous: number | undefined;
    let session = "";
    for (const event of events.filter((other) => visitorOf(other) === visitor).sort(inOrder)) {
      const time = event.timestamp.getTime();
      if (event.session_id) session = `${visitor} client ${event.session_id}`;
      else if (previous === undefined || time - previous > 30 * minute) session = `${visitor} run ${event.event_id}`;
      previous = time;
      found.set(event, session);
    }
  }
  return found;
}
