import type { Platform } from "../src/platform.ts";
import { type Measured, measure } from "./measure.ts";

const [from, to] = ["2026-01-01", "2026-04-02"];
const range = `from=${from}&to=${to}`;
/** The days of all events. */
export const everything = { from: new Date(from), to: new Date(to) };

/** The user whose path is asked for. */
export const somebody = "user_42";

/** Every kind of read of the API, over all the events and of one person. */
const endpoints = (eventId: string) => [
  "/v1/query?limit=100",
  "/v1/query?limit=100&event=signup&source=google",
  "/v1/stats?metric=count&interval=day",
  "/v1/stats?metric=count&interval=day&group_by=source",
  "/v1/stats?metric=uniques",
  "/v1/stats?metric=users&interval=week",
  "/v1/stats?metric=sessions",
  "/v1/sources?breakdown=source_medium",
  "/v1/sessions?limit=100",
  "/v1/users?limit=100",
  `/v1/users/${somebody}`,
  `/v1/users/${somebody}/journey`,
  `/v1/users/${somebody}/export`,
  "/v1/attribution/first-touch?stitch=all_devices",
  "/v1/attribution/first-touch",
  "/v1/attribution/first-touch?group_by=source",
  `/v1/attribution/first-touch?user_id=${somebody}`,
  "/v1/attribution?event=completed_checkout&group_by=source",
  "/v1/conversions?events=signup,completed_checkout",
  "/v1/devices",
  "/v1/funnel?steps=signup,completed_checkout",
  "/v1/retention?interval=week",
  "/v1/retention?interval=day",
  `/v1/identities/explain?event_id=${eventId}`,
  "/v1/identities/shared",
  "/v1/identities/shared?of=users",
  "/v1/identities/log",
];

export interface Answered {
  path: string;
  status: number;
  measured: Measured;
}

/** Asks the API, without a network between. */
export async function asker(
  platform: Platform,
  rounds: number,
  watched = true,
): Promise<(path: string) => Promise<Answered>> {
  const key = await platform.controlPlane.createKey({ project_id: "bench", kind: "sk", env: "live", label: "" });
  return async (path) => {
    const url = path.includes("explain") ? path : `${path}${path.includes("?") ? "&" : "?"}${range}`;
    let status = 0;
    const work = async () => {
      const answer = await platform.app.inject({ url, headers: { authorization: `Bearer ${key.key}` } });
      status = answer.statusCode;
    };
    const measured = await measure(platform.clickhouse, rounds, work, watched);
    return { path, status, measured };
  };
}

/** Every endpoint whose path has the pattern, one after the other. */
export async function* askAll(platform: Platform, rounds: number, only: RegExp): AsyncGenerator<Answered> {
  const [event] = await platform.clickhouse.query<{ event_id: string }>(
    `SELECT event_id FROM events WHERE project_id = 'bench' AND user_id = '${somebody}' LIMIT 1`,
  );
  const ask = await asker(platform, rounds);
  const id = event?.event_id ?? "";
  for (const path of endpoints(id).filter((path) => only.test(path))) {
    const answered = await ask(path);
    yield { ...answered, path: path.replace(id, "…") };
  }
}
