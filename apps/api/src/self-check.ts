import { randomUUID } from "node:crypto";
import { type ClickHouse, checkFirstTouches } from "@millimetric/clickhouse";
import type { Metrics } from "./metrics.ts";

/** Milliseconds between two checks, and users in each. */
const every = 3_600_000;
const users = 200;

export interface SelfCheckDeps {
  clickhouse: ClickHouse;
  projects(): Promise<readonly { project_id: string }[]>;
  metrics: Pick<Metrics, "checkedUsers" | "differentUsers">;
  onFailure(error: unknown): void;
}

/** Compares a sample of one project's users, drawn anew each time, and counts what differs. */
export async function selfCheck({ clickhouse, projects, metrics }: Omit<SelfCheckDeps, "onFailure">): Promise<void> {
  const all = await projects();
  const project = all[Math.floor(Math.random() * all.length)];
  if (project === undefined) return;
  const scope = { project_id: project.project_id, env: "live" } as const;
  const { users: checked, different } = await checkFirstTouches(clickhouse, scope, {
    salt: randomUUID(),
    limit: users,
  });
  metrics.checkedUsers.inc(checked);
  metrics.differentUsers.inc(different);
}

/** Checks now and then, until closed. One that fails is told, and left out: the next comes. */
export function startSelfCheck(deps: SelfCheckDeps): { close(): void } {
  const timer = setInterval(() => void selfCheck(deps).catch(deps.onFailure), every).unref();
  return { close: () => clearInterval(timer) };
}
