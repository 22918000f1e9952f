import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createLedger } from "../src/ingest/ledger.ts";
import { startPlatform, type TestPlatform, type TestProject } from "./platform.ts";

let platform: TestPlatform;
let project: TestProject;
beforeAll(async () => {
  platform = await startPlatform();
  project = await platform.project();
});
afterAll(() => platform.close());

const event = (event_id: string, more: object = {}) => ({ event: "e", event_id, anonymous_id: "visitor", ...more });
const post = (path: string, body: unknown, key = project.keys.sk) => platform.ask("POST", path, { key, body });
const get = (path: string, key = project.keys.rk) => platform.ask("GET", path, { key });

async function ledgerTotals(key?: string) {
  const { rows } = (await get("/v1/receipts", key)).body;
  const sum = (pick: (row: (typeof rows)[number]) => number) =>
    rows.reduce((total: number, row: (typeof rows)[number]) => total + pick(row), 0);
  const values = (row: { rejected: Record<string, number> }) => Object.values(row.rejected).reduce((a, b) => a + b, 0);
  return {
    received: sum((row) => row.received),
    accepted: sum((row) => row.accepted),
    rejected: sum(values),
    stored: sum((row) => row.stored),
    duplicate: sum((row) => row.duplicate),
    waiting: sum((row) => row.waiting),
  };
}

test("the ledger reconciles to zero: received = accepted + rejected, accepted = stored + duplicate, stored = what is read", async () => {
  await post("/v1/track", event("1"));
  await post("/v1/track", event("1"));
  await post("/v1/track", event("2", { user_id: "undefined" }));
  await post("/v1/identify", { anonymous_id: "visitor", user_id: "u1" });
  await post("/v1/identify", { anonymous_id: "visitor" });
  await post("/v1/batch", { events: [event("1"), event("3"), event("3"), event("4"), { event: 5 }, null] });
  await post("/v1/batch", { events: [{}] });
  const totals = await ledgerTotals();
  expect(totals).toEqual({ received: 12, accepted: 7, rejected: 5, stored: 4, duplicate: 3, waiting: 0 });
  const read = await get("/v1/query");
  expect(read.body.rows).toHaveLength(totals.stored);
  const [{ rejected, key_prefix }] = (await get("/v1/receipts")).body.rows;
  expect(rejected).toEqual({ invalid_id: 1, invalid_payload: 4 });
  expect(project.keys.sk).toContain(key_prefix);
});

test("a project sees neither the receipts nor the dead letters of another, and only sk may replay", async () => {
  const other = await platform.project("other");
  expect(await ledgerTotals(other.keys.sk)).toMatchObject({ received: 0 });
  expect((await get("/v1/dead-letters", other.keys.sk)).body.rows).toEqual([]);
  const letters = (await get("/v1/dead-letters")).body.rows;
  const ids = letters.map((letter: { dead_letter_id: string }) => letter.dead_letter_id);
  expect((await post("/v1/dead-letters/replay", { ids }, other.keys.sk)).body).toMatchObject({
    replayed: [],
    refused: [],
  });
  expect(await post("/v1/dead-letters/replay", {}, project.keys.rk)).toMatchObject({
    status: 403,
    body: { error: "insufficient_scope" },
  });
});

test("refused events are kept as dead letters, with the reason and without keys", async () => {
  const leaked = { anonymous_id: "visitor", properties: { header: `Bearer ${project.keys.sk}` }, event: "" };
  await post("/v1/track", leaked);
  const { rows } = (await get("/v1/dead-letters?error=invalid_payload&limit=1000")).body;
  expect(rows.at(-1)).toMatchObject({ error: "invalid_payload", replayable: true, replayed_at: null });
  expect(rows.at(-1).payload.properties.header).toBe("Bearer sk_live_…");
  expect(rows.at(-1).payload.anonymous_id).toBe("visitor");
});

test("pages of dead letters hold each letter once", async () => {
  const all = (await get("/v1/dead-letters?limit=1000")).body.rows;
  const paged: unknown[] = [];
  let cursor = "";
  do {
    const { rows, next_cursor } = (await get(`/v1/dead-letters?limit=2${cursor}`)).body;
    paged.push(...rows);
    cursor = next_cursor === undefined ? "" : `&cursor=${next_cursor}`;
  } while (cursor !== "");
  expect(all.length).toBeGreaterThan(3);
  expect(paged).toEqual(all);
});

test("a dead letter is replayed once its cause is mended, with the time of its arrival, and counts once", async () => {
  const mended = await platform.project("mended");
  const { sk } = mended.keys;
  const sendBad = await post("/v1/batch", { events: [{ event: "signup", anonymous_id: "late" }, { event: 1 }] }, sk);
  expect(sendBad.status).toBe(202);
  // The cause is mended in the kept payload: what was wrong with it is a rule of ours that has changed since.
  await platform.deadLetters.flush();
  await platform.clickhouse.command(
    `INSERT INTO dead_letters_v1
     SELECT * REPLACE ('{"event":"mended","anonymous_id":"late"}' AS payload, now64(6) AS version)
     FROM dead_letters_v1 FINAL WHERE project_id = {project_id:String}`,
    { project_id: mended.project_id },
  );
  const [letter] = (await get("/v1/dead-letters", sk)).body.rows;
  const ids = [letter.dead_letter_id];
  const first = await post("/v1/dead-letters/replay", { ids }, sk);
  expect(first.body).toEqual({ ok: true, replayed: [{ dead_letter_id: ids[0], event_id: ids[0] }], refused: [] });
  expect((await post("/v1/dead-letters/replay", { ids }, sk)).body.replayed).toEqual([]);
  expect((await get("/v1/dead-letters", sk)).body.rows).toEqual([]);
  expect((await get("/v1/dead-letters?include_replayed=true", sk)).body.rows).toHaveLength(1);
  const { rows } = (await get("/v1/query?event=mended", sk)).body;
  expect(rows).toMatchObject([{ event_id: ids[0], received_at: letter.received_at, anonymous_id: "late" }]);
  // The mark is lost with the process, the event is not: again, and it still counts once.
  await platform.clickhouse.command(
    `INSERT INTO dead_letters_v1 SELECT * REPLACE (NULL AS replayed_at, now64(6) AS version)
     FROM dead_letters_v1 FINAL WHERE project_id = {project_id:String}`,
    { project_id: mended.project_id },
  );
  expect((await post("/v1/dead-letters/replay", {}, sk)).body.replayed).toHaveLength(1);
  expect((await get("/v1/query?event=mended", sk)).body.rows).toHaveLength(1);
  expect(await ledgerTotals(sk)).toMatchObject({
    received: 4,
    accepted: 3,
    rejected: 1,
    stored: 2,
    duplicate: 1,
    waiting: 0,
  });
});

test("what cannot be replayed yet stays, with its new reason", async () => {
  const { body } = await post("/v1/dead-letters/replay", { error: ["invalid_id"] });
  expect(body.replayed).toEqual([]);
  expect(body.refused).toMatchObject([{ error: "invalid_id" }]);
  expect((await get("/v1/dead-letters?error=invalid_id")).body.rows).toHaveLength(1);
});

test("letters that are more together than may wait for an insert are replayed all the same", async () => {
  const { project_id, keys } = await platform.project("large");
  const letter = (n: number) =>
    JSON.stringify({
      project_id,
      env: "live",
      dead_letter_id: `letter-${String(n).padStart(4, "0")}`,
      received_at: "2026-11-01 10:00:00.000",
      key_prefix: keys.sk.slice(0, 16),
      error: "identity_not_verified",
      event_id: `large-${n}`,
      vouched: true,
      payload: JSON.stringify(event(`large-${n}`, { properties: { text: "x".repeat(32_700) } })),
    });
  for (let from = 0; from < 1_000; from += 100) {
    const lines = Array.from({ length: 100 }, (_, n) => letter(from + n));
    await platform.clickhouse.insert({ table: "dead_letters_v1", lines, token: `large-${from}` });
  }
  const { status, body } = await post("/v1/dead-letters/replay", { from: "2026-11-01", to: "2026-11-02" }, keys.sk);
  expect([status, body.error, body.replayed?.length]).toEqual([200, undefined, 1_000]);
  expect(await ledgerTotals(keys.rk)).toMatchObject({ received: 1_000, accepted: 1_000, stored: 1_000, duplicate: 0 });
});

test("what ClickHouse did not take of the ledger is written by the next process, once", async () => {
  const { project_id, keys } = await platform.project("kept");
  const folder = mkdtempSync(join(tmpdir(), "millimetric-ledger-"));
  const file = join(folder, "ledger.json");
  const sender = { project_id, env: "live", key_prefix: "k", receivedAt: Date.now() };
  const { clickhouse } = platform;
  let fault: "away" | "answer lost" = "away";
  const faulty: typeof clickhouse = {
    ...clickhouse,
    async insert(block) {
      if (fault === "answer lost") await clickhouse.insert(block);
      throw new Error("connection refused");
    },
  };
  const dying = createLedger(faulty, file);
  dying.count(sender, "received", 3);
  await expect(dying.flush()).rejects.toThrow("refused");
  dying.count(sender, "accepted", 3);
  fault = "answer lost";
  await dying.close();
  const next = createLedger(clickhouse, file);
  next.count(sender, "stored", 3);
  await next.close();
  expect(existsSync(file)).toBe(false);
  expect(await ledgerTotals(keys.rk)).toMatchObject({ received: 3, accepted: 3, stored: 3 });

  writeFileSync(file, "{ not what it was");
  const last = createLedger(clickhouse, file);
  last.count(sender, "stored", 1);
  await last.close();
  expect(await ledgerTotals(keys.rk)).toMatchObject({ received: 3, stored: 4 });
  rmSync(folder, { recursive: true });
});
