import process, { env } from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import { randomNumbers } from "@millimetric/clickhouse-fixture";
import { afterAll, beforeAll, expect, test } from "vitest";
import { countedOnce } from "./counted-once.ts";
import { type Deployment, deploy, drained } from "./deployment.ts";

// The long form is CHAOS_EVENTS=50000.
const { CHAOS_EVENTS = "6000", CHAOS_SEED = "1" } = { ...env };
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
/** Of an API process. Traffic goes on until there were a few, however fast the machine. */
let kills = 0;
const fewestKills = 3;

/** Sends a batch again, each time to any of the API processes, until one of them acknowledges it or `tries` are over. */
async function send(batch: { event_id: string }[], tries = Number.POSITIVE_INFINITY): Promise<void> {
  for (const { event_id } of batch) sent.add(event_id);
  const { apis, project } = deployment;
  for (let left = tries; left > 0; left--) {
    const api = apis[Math.floor(random() * apis.length)];
    const answer = await fetch(`${api?.url()}/v1/batch`, {
      method: "POST",
      headers: { authorization: `Bearer ${project.keys.sk}`, "content-type": "application/json" },
      body: JSON.stringify({ events: batch }),
      signal: AbortSignal.timeout(5_000),
    }).catch(() => undefined);
    if (answer?.status === 202) {
      for (const { event_id } of batch) acknowledged.add(event_id);
      return;
    }
    await wait(20);
  }
}

/**
 * One visitor after the other: three anonymous events, then the sign-up. Every batch goes out twice at the same time; of every
 * tenth the client gives up at the first trouble.
 */
async function client(name: string, most: number): Promise<void> {
  for (let n = 0; n < most || kills < fewestKills; n += 16) {
    const batch = Array.from({ length: 16 }, (_, index) => {
      const visitor = `${name}-${n + index - (index % 4)}`;
      return {
        event: index % 4 === 3 ? "signup" : "$pageview",
        event_id: `${name}-${n + index}`,
        anonymous_id: visitor,
        ...(index % 4 === 3 ? { user_id: `user-${visitor}` } : {}),
      };
    });
    await (n % 160 === 0 ? send(batch, 1) : Promise.all([send(batch), send(batch)]));
  }
}

async function chaos(until: () => boolean): Promise<void> {
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
}

test("processes and database killed and faulty again and again: what was acknowledged is stored, nothing else than what was sent, and each counts once everywhere", async () => {
  let done = false;
  const start = performance.now();
  const seconds = () => ((performance.now() - start) / 1000).toFixed(1);
  const storm = chaos(() => done);
  await Promise.all(["a", "b", "c"].map((name) => client(name, Math.ceil(events / 3))));
  done = true;
  await storm;
  await deployment.clickhouse.heal();
  const calmAt = seconds();
  await drained(deployment);
  const drainedAt = seconds();
  const stored = new Set((await countedOnce(deployment, 10)).map(({ event_id }) => event_id));
  process.stdout.write(
    `chaos, seed ${seed}: ${sent.size} events sent, ${acknowledged.size} acknowledged, ${stored.size} stored; ${kills} kills of an API; ` +
      `calm after ${calmAt} s, drained after ${drainedAt} s, read after ${seconds()} s\n`,
  );
  expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);
  expect([...stored].filter((id) => !sent.has(id))).toEqual([]);
  expect(acknowledged.size).toBeGreaterThan(0.8 * sent.size);
}, 900_000);
