import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectClickHouse, migrate } from "@millimetric/clickhouse";
import { startClickHouse } from "@millimetric/clickhouse-fixture";
import { type ApiProcess, apiProcess } from "../test/api-process.ts";
import { adminToken } from "../test/platform.ts";
import { eventBody } from "./bodies.ts";
import { load } from "./load.ts";
import { startFlags } from "./start-flags.ts";

const seconds = 30;
const perSecond = 2_000;

export const megabytes = (bytes: number) => Math.round(bytes / 1_048_576);

/** Lifts the limits that one generator, standing for many senders, would meet. */
export const manySenders = {
  RATE_LIMIT_ADDRESS_PER_SECOND: "1000000",
  RATE_LIMIT_KEY_PER_SECOND: "1000000",
  MAX_EVENT_LOOP_DELAY_MS: "10000",
};

export async function newProject(api: ApiProcess): Promise<{ sk: string; rk: string }> {
  const answer = await fetch(`${api.url()}/admin/v1/projects`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "bench" }),
  });
  return ((await answer.json()) as { keys: { sk: string; rk: string } }).keys;
}

/** Bytes, at most, that a process holds while `work` runs. */
export async function mostResident(api: ApiProcess, work: Promise<unknown>): Promise<number> {
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, api.residentBytes());
  }, 100);
  await work.finally(() => clearInterval(watch));
  return most;
}

/** SPEC 10: an API process against a ClickHouse server, which is another process here. */
async function againstServer(folder: string): Promise<void> {
  const clickhouse = await startClickHouse({ user: "mm", password: "secret", database: "mm" });
  const { urls, user, password, database } = clickhouse;
  const connection = connectClickHouse({ urls, user, password, database });
  await migrate(connection);
  await connection.close();
  const settings = {
    CLICKHOUSE_URL: urls.join(","),
    CLICKHOUSE_USER: user,
    CLICKHOUSE_PASSWORD: password,
    CLICKHOUSE_DATABASE: database,
    KEY_PEPPER: "pepper-of-the-benchmarks",
    ...manySenders,
  };
  // As the image has it; and MB for old objects, half of the container's 2 GB (sizes small and prod), as Node takes them there by itself.
  const flags = ["--max-semi-space-size=16", "--max-old-space-size=1024"];
  const api = apiProcess(join(folder, "api"), settings, flags);
  await api.start();
  const { sk } = await newProject(api);
  const options = { url: api.url(), key: sk, path: "/v1/track", connections: 512, seconds, perSecond, body: eventBody };
  const running = load(options);
  const most = await mostResident(api, running);
  const { perSecond: reached, statuses, p99 } = await running;
  console.log(
    `memory, API against a server: ${Math.round(reached)} of ${perSecond} requests/s, ${JSON.stringify(statuses)}, p99 ${p99} ms, ` +
      `at most ${megabytes(most)} MB resident (to reach: 256)`,
  );
  await api.stop("SIGTERM");
  await clickhouse.stop();
}

const story = [
  { event: "$pageview", url: "https://shop.example/?utm_source=facebook&utm_medium=cpc&fbclid=x" },
  { event: "clicked_pricing" },
  { event: "$pageview", url: "https://shop.example/" },
  { event: "$identify", user_id: "user_42" },
  { event: "signup", user_id: "user_42" },
  { event: "feature_used", user_id: "user_42" },
];
const reads = [
  "/v1/query",
  "/v1/stats?metric=count&interval=day",
  "/v1/sources",
  "/v1/sessions",
  "/v1/users/user_42/journey",
  "/v1/attribution/first-touch",
  "/v1/conversions?events=signup",
  "/v1/devices",
];

/** SPEC 10: what `npm start` holds after the story was told and read. */
async function embedded(folder: string): Promise<void> {
  const api = apiProcess(join(folder, "embedded"), {}, startFlags);
  await api.start();
  const { sk } = await newProject(api);
  const headers = { authorization: `Bearer ${sk}`, "content-type": "application/json" };
  for (const event of story) {
    const body = JSON.stringify({ ...event, anonymous_id: "u_abc" });
    await (await fetch(`${api.url()}/v1/track`, { method: "POST", headers, body })).text();
  }
  for (const path of reads) {
    const answer = await fetch(`${api.url()}${path}`, { headers });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    await answer.text();
  }
  console.log(`memory, embedded engine after the story: ${megabytes(api.residentBytes())} MB resident (to reach: 700)`);
  await api.stop("SIGTERM");
}

export async function benchMemory(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "millimetric-bench-"));
  await againstServer(folder);
  await embedded(folder);
  rmSync(folder, { recursive: true, force: true });
}
