import type { ClickHouse } from "../clickhouse.ts";
import { loadSql } from "./load-sql.ts";
import { instant, type Range, type Scope } from "./scope.ts";

export interface DevicesRow {
  user_id: string;
  /** Visitors in the order they first became this user. */
  devices: string[];
  device_count: number;
}

export interface DevicesParams extends Scope, Range {
  user_id?: string | undefined;
  /** @default 2 */
  min_devices: number;
  limit: number;
  after?: { device_count: number; user_id: string } | undefined;
}

// Larger than any count: the first page starts before the user with the most devices.
const beforeAll = Number.MAX_SAFE_INTEGER;

/** The seed's multi-device query: users with several visitors. */
export function devices(clickhouse: ClickHouse, params: DevicesParams): Promise<DevicesRow[]> {
  return clickhouse.query(loadSql("devices"), {
    project_id: params.project_id,
    env: params.env,
    from: instant(params.from),
    to: instant(params.to),
    user_id: params.user_id ?? "",
    min_devices: params.min_devices,
    after_count: params.after?.device_count ?? beforeAll,
    after_user: params.after?.user_id ?? "",
    limit: params.limit,
  });
}
