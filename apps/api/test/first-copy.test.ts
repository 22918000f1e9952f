import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfig } from "../src/config.ts";
import { createPlatform, type Platform } from "../src/platform.ts";
import { adminToken, patient } from "./platform.ts";

let folder: string;
let platform: Platform;
let key: string;

async function start(): Promise<void> {
  const env = { DATA_DIR: folder, ADMIN_TOKEN: adminToken, LOG_LEVEL: "silent", ...patient };
  platform = await createPlatform(readConfig(env));
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "millimetric-first-copy-"));
  await start();
  const { project_id } = await platform.controlPlane.createProject({ name: "first copy", allowed_origins: [] });
  ({ key } = await platform.controlPlane.createKey({ project_id, kind: "sk", env: "live", label: "" }));
});
afterEach(async () => {
  await platform.close();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(method: "GET" | "POST", url: string, payload?: object) {
  const headers = { authorization: `Bearer ${key}` };
  const answer = await platform.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  expect(answer.statusCode).toBeLessThan(300);
  return answer.json();
}

const day = 24 * 3_600_000;
const march = Date.UTC(2026, 2, 1);
const range = "from=2026-02-01T00:00:00Z&to=2026-06-01T00:00:00Z";
const first = { event: "signup", event_id: "1", anonymous_id: "a", user_id: "u", timestamp: march };
/** The same id with everything else changed: a day, a session, and a month (another partition) later, of others. */
const later = [
  { ...first, event: "other", timestamp: march + day, properties: { copy: 2 } },
  { ...first, anonymous_id: "b", user_id: "v", session_id: "s", timestamp: march + 40 * day },
];

/** What every kind of read says: rows, sums, sessions, links, the ledger. */
async function reads() {
  const { rows } = await ask("GET", `/v1/query?${range}`);
  const count = await ask("GET", `/v1/stats?metric=count&${range}`);
  const sources = await ask("GET", `/v1/sources?${range}`);
  const sessions = await ask("GET", `/v1/sessions?${range}`);
  const links = await platform.clickhouse.query("SELECT user_id, anonymous_id, toString(first_seen) AS at FROM links");
  const journey = await ask("GET", "/v1/users/u/journey");
  return {
    rows,
    count: count.rows,
    sources: sources.rows,
    sessions: sessions.rows,
    links,
    journey: journey.rows,
  };
}

test("a day later, with another payload, after a restart, before and after merges: the first copy is the one that counts, in every read", async () => {
  await ask("POST", "/v1/track", first);
  const before = await reads();
  expect(before.rows).toMatchObject([{ event_id: "1", event_name: "signup", anonymous_id: "a", user_id: "u" }]);
  expect(before.sessions).toHaveLength(1);
  expect(before.links).toHaveLength(1);
  const sendLater = async () => {
    for (const event of later) await ask("POST", "/v1/track", event);
    await ask("POST", "/v1/batch", { events: [...later, ...later.toReversed()] });
  };
  await sendLater();
  expect(await reads()).toEqual(before);

  // Other parts for it to be merged with.
  await ask("POST", "/v1/track", { ...first, event_id: "2", anonymous_id: "c", user_id: null });
  await platform.clickhouse.command("OPTIMIZE TABLE events_v1 FINAL");
  const merged = await reads();
  await platform.close();
  await start();
  await sendLater();
  expect(await reads()).toEqual(merged);
  await platform.clickhouse.command("OPTIMIZE TABLE events_v1 FINAL");
  expect(await reads()).toEqual(merged);

  await platform.ledger.flush();
  const receipts = (await ask("GET", "/v1/receipts")).rows as { stored: number; duplicate: number }[];
  const sum = (name: "stored" | "duplicate") => receipts.reduce((total, receipt) => total + receipt[name], 0);
  expect([sum("stored"), sum("duplicate")]).toEqual([2, 12]);
}, 300_000);
