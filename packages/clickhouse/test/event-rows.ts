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
  campaign?: string;
  channel?: string;
  is_bot?: boolean;
  properties?: string;
}

export const eventLine = ({ event_id, timestamp, ...row }: TestEvent): string =>
  JSON.stringify({ env: "live", event_name: "e", ...row, id: event_id, timestamp: instant(timestamp) });

/** Stores events as one block. */
export async function insertEvents(clickhouse: ClickHouse, events: readonly TestEvent[]): Promise<void> {
  await clickhouse.insert({ table: "events_v1", lines: events.map(eventLine), token: crypto.randomUUID() });
}

/** Stores events as a project of their own, and gives its id. */
export async function insertProject(clickhouse: ClickHouse, events: readonly TestEvent[]): Promise<string> {
  const project_id = crypto.randomUUID();
  await insertEvents(
    clickhouse,
    events.map((event) => ({ ...event, project_id })),
  );
  return project_id;
}
