import { env } from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { randomNumbers } from "@millimetric/clickhouse-fixture";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type Deployment, deploy, everyRow, spooledRows } from "./deployment.ts";

// The long form is CHAOS_EVENTS=50000.
const { CHAOS_EVENTS = "12000", CHAOS_SEED = "1" } = { ...env };
const events = Number(CHAOS_EVENTS);
const seed = Number(CHAOS_SEED);
const random = randomNumbers(seed);

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy({ apis: 2, replicas: 2 });
});
afterAll(() => deployment.stop());

const sent = new Set<string>();
const acknowledged = new Set<string>();

/** Sends a batch again, each time to any of the API processes, until one of them acknowledges it. */
async function insist(batch: { event_id: string }[]): Promise<void> {
  for (const { event_id } of batch) sent.add(event_id);
  const { apis, project } = deployment;
  for (;;) {
    const api = apis[Math.floor(random() * apis.length)];
    const answer = await fetch(`${api?.url()}/v1/batch`, {
      method: "POST",
      headers: { authorization: `Bearer ${project.keys.sk}`, "content-type": "application/json" },
      body: JSON.stringify({ events: batch }),
      signal: AbortSignal.timeout(5_000),
    }).catch(() => undefined);
    if (answer?.status === 202) break;
    await wait(20);
  }
  for (const { event_id } of batch) acknowledged.add(event_id);
}

/** One visitor after the other: three anonymous events, then the sign-up; every batch twice at the same time. */
async function client(name: string, most: number): Promise<void> {
  for (let n = 0; n < most; n += 16) {
    const batch = Array.from({ length: 16 }, (_, index) => {
      const visitor = `${name}-${n + index - (index % 4)}`;
      return {
        event: index % 4 === 3 ? "signup" : "$pageview",
        event_id: `${name}-${n + index}`,
        anonymous_id: visitor,
        ...(index % 4 === 3 ? { user_id: `user-${visitor}` } : {}),
      };
    });
    await Promise.all([insist(batch), insist(batch)]);
  }
}

async function chaos(until: () => boolean): Promise<number> {
  let kills = 0;
  const { clickhouse, apis } = deployment;
  while (!until()) {
    await clickhouse.fault({ kind: "random", seed: seed + kills, probability: 0.3 });
    await wait(200 + random() * 800);
    if (random() < 0.7) await clickhouse.heal();
    const victim = apis[Math.floor(random() * apis.length)];
    await victim?.stop("SIGKILL");
    kills++;
    await clickhouse.heal();
    await victim?.start();
    if (random() < 0.3) {
      await clickhouse.kill();
      await wait(random() * 500);
      await clickhouse.restart();
    }
  }
  return kills;
}

test("processes and database killed and faulty again and again: what was acknowledged is stored, and counts once everywhere", async () => {
  let done = false;
  const storm = chaos(() => done);
  await Promise.all(["a", "b", "c"].map((name) => client(name, Math.ceil(events / 3))));
  done = true;
  const kills = await storm;
  await deployment.clickhouse.heal();
  const quiet = async () => {
    const rows = await Promise.all(deployment.apis.map(spooledRows));
    expect(rows.every((waiting) => waiting === 0)).toBe(true);
  };
  await vi.waitFor(quiet, { timeout: 120_000, interval: 500 });

  const stored = await everyRow<{ event_id: string }>(deployment, "/v1/query");
  const ids = stored.map(({ event_id }) => event_id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(ids)).toEqual(sent);
  expect(acknowledged).toEqual(sent);
  expect(kills).toBeGreaterThan(2);

  const total = async (path: string) =>
    ((await deployment.get(path)) as { rows: { value: number }[] }).rows.reduce((sum, { value }) => sum + value, 0);
  expect(await total("/v1/stats?metric=count")).toBe(sent.size);
  expect(await total("/v1/stats?metric=users")).toBe(sent.size / 4);
  const sessions = await everyRow<{ events: number }>(deployment, "/v1/sessions");
  expect(sessions.reduce((sum, { events: inSession }) => sum + inSession, 0)).toBe(sent.size);
  const user = stored.find(({ event_id }) => event_id === "a-3");
  expect(user).toMatchObject({ user_id: "user-a-0" });
  expect(await everyRow(deployment, "/v1/users/user-a-0/journey")).toHaveLength(4);
}, 600_000);
