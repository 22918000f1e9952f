import { RULES_VERSION } from "@millimetric/attribution";
import type { ClickHouse } from "@millimetric/clickhouse";

/** What rules that knew nothing would have said. */
const ignorant = {
  source: "unknown",
  medium: "referral",
  campaign: "",
  channel: "Referral",
  source_confidence: "low",
  source_rule_id: "guess",
  rules_version: RULES_VERSION - 1,
};

export interface OldEvent {
  project_id: string;
  event_id: string;
  url?: string;
  referrer?: string;
  [column: string]: unknown;
}

/** Stores rows as an API with older rules would have. */
export async function storeOldEvents(on: ClickHouse, events: readonly OldEvent[]): Promise<void> {
  const row = ({ event_id, ...event }: OldEvent) => ({
    env: "live",
    id: event_id,
    timestamp: "2026-03-03 14:00:00.000",
    received: "2026-03-03 14:00:00.000",
    event_name: "$pageview",
    anonymous_id: "v",
    user_id: null,
    properties: '{"a":1}',
    ...ignorant,
    ...event,
  });
  const lines = events.map((event) => JSON.stringify(row(event)));
  await on.insert({ table: "events_v1", lines, token: crypto.randomUUID() });
}
