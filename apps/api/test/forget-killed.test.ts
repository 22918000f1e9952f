import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { env } from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { randomNumbers } from "@millimetric/clickhouse-fixture";
import { afterAll, expect, test, vi } from "vitest";
import { apiProcess } from "./api-process.ts";
import { adminToken, patient, type TestProject } from "./platform.ts";
import { searchFolder } from "./search-folder.ts";

// The long form is FORGET_ROUNDS=20.
const { FORGET_ROUNDS = "2" } = { ...env };
const rounds = Number(FORGET_ROUNDS);
/** Kills in one round, at most. */
const kills = 2;
const random = randomNumbers(11);

const folder = mkdtempSync(join(tmpdir(), "millimetric-forget-"));
const api = apiProcess(folder, patient);
afterAll(async () => {
  await api.stop("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

let project: TestProject;

async function ask(
  method: string,
  path: string,
  { key = project.keys.sk, body }: { key?: string; body?: object } = {},
) {
  const answer = await fetch(`${api.url()}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, body: await answer.json() };
}

/** Two users who share a laptop by turns, over several months. */
const eventsOf = (round: number) =>
  Array.from({ length: 120 }, (_, n) => {
    const who = n % 6 < 3 ? "alice" : "bob";
    return {
      event: "$pageview",
      event_id: `${who}-event-${round}-${n}`,
      anonymous_id: `laptop-${round}`,
      // By the next link it is theirs.
      ...(n % 3 === 2 ? { user_id: `${who}-${round}` } : {}),
      timestamp: new Date(Date.UTC(2026, 1, 1 + n)).toISOString(),
      url: `https://shop.example/${who}-page-${round}-${n}`,
      properties: { email: `${who}@${round}.example` },
    };
  });

async function shown(): Promise<string[]> {
  const { body } = await ask("GET", "/v1/query?from=2026-01-01&to=2027-01-01&limit=1000");
  return body.rows.map(({ event_id }: { event_id: string }) => event_id).sort();
}

async function state(request_id: string) {
  return (await ask("GET", `/v1/forget/${request_id}`)).body;
}

test("killed with SIGKILL at any moment, it still ends complete, and what was whose does not change on the way", async () => {
  await api.start();
  project = (await ask("POST", "/admin/v1/projects", { key: adminToken, body: { name: "killed" } })).body;
  const expected: string[] = [];
  let interrupted = 0;
  for (let round = 0; round < rounds; round++) {
    await ask("POST", "/v1/batch", { body: { events: eventsOf(round) } });
    await ask("POST", "/v1/track", { body: { event: "", user_id: `alice-${round}` } });
    // Stored, and not only waiting to be.
    expect((await ask("GET", "/v1/dead-letters")).body.rows.length).toBe(1);
    expected.push(...eventsOf(round).flatMap(({ event_id }) => (event_id.startsWith("bob") ? [event_id] : [])));
    const { status, body } = await ask("POST", "/v1/forget", { body: { user_id: `alice-${round}`, suppress: true } });
    expect(status).toBe(202);
    const { request_id } = body;
    for (let kill = 0; kill < kills; kill++) {
      await wait(random() * 400);
      if ((await state(request_id)).state !== "done") interrupted++;
      await api.stop("SIGKILL");
      await api.start();
      expect(await shown()).toEqual(expected.toSorted());
    }
    await vi.waitFor(async () => expect(await state(request_id)).toMatchObject({ state: "done" }), {
      timeout: 120_000,
      interval: 100,
    });
    expect(await state(request_id)).toMatchObject({ found: { events: 60, dead_letters: 1 }, removed: { events: 60 } });
    expect(await shown()).toEqual(expected.toSorted());
    const hers = [`alice-${round}`, `alice@${round}.example`, `alice-page-${round}-`, `alice-event-${round}-`];
    const found = searchFolder(folder, [...hers, `bob-page-${round}-`]);
    expect([...found.keys()]).toEqual([`bob-page-${round}-`]);
    await ask("POST", "/v1/track", { body: { event: "e", user_id: `alice-${round}` } });
  }
  expect(interrupted).toBeGreaterThan(rounds / 2);
  expect(await shown()).toEqual(expected.toSorted());
  const { body } = await ask("GET", "/v1/receipts?limit=1000");
  const sum = (name: string) =>
    body.rows.reduce((all: number, row: Record<string, number>) => all + (row[name] ?? 0), 0);
  expect(sum("removed")).toBe(60 * rounds);
}, 600_000);
