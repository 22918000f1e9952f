import { type ClickHouse, instant } from "../src/index.ts";

export interface TestEvent {
  project_id?: string;
  event_id: string;
  timestamp: Date;
  anonymous_id?: string;
  user_id?: string | null;
  event_name?: string;
  session_id?: string;
  source?: string;
  medium?: string;
  path?: string;
  properties?: string;
}

/** Stores events as one block. */
export async function insertEvents(clickhouse: ClickHouse, events: readonly TestEvent[]): Promise<void> {
  const lines = events.map((event) =>
    JSON.stringify({ env: "live", event_name: "e", ...event, timestamp: instant(event.timestamp) }),
  );
  await clickhouse.insert({ table: "events_v1", lines, token: crypto.randomUUID() });
}
