import { randomNumbers } from "@millimetric/clickhouse-fixture";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { countedOnce } from "./counted-once.ts";
import { type Deployment, deploy, drained, everyRow } from "./deployment.ts";

const rounds = 20;
const random = randomNumbers(3);

let deployment: Deployment;
beforeAll(async () => {
  deployment = await deploy({ apis: 2 });
});
afterAll(() => deployment.stop());

let requests = 0;

/** Sends events to one of the processes; their properties tell which request it was. */
async function send(process: number, ids: readonly number[]): Promise<void> {
  const request = ++requests;
  const events = ids.map((id) => ({
    event: "e",
    event_id: `event-${id}`,
    anonymous_id: `visitor-${id % 10}`,
    user_id: `user-${id % 10}`,
    properties: { request },
  }));
  const answer = await fetch(`${deployment.apis[process]?.url()}/v1/batch`, {
    method: "POST",
    headers: { authorization: `Bearer ${deployment.project.keys.sk}`, "content-type": "application/json" },
    body: JSON.stringify({ events }),
  });
  expect(answer.status).toBe(202);
}

interface Receipt {
  accepted: number;
  stored: number;
  duplicate: number;
  waiting: number;
}

async function ledger(): Promise<Receipt> {
  const receipts = await everyRow<Receipt>(deployment, "/v1/receipts");
  const sum = (name: keyof Receipt) => receipts.reduce((total, receipt) => total + receipt[name], 0);
  return { accepted: sum("accepted"), stored: sum("stored"), duplicate: sum("duplicate"), waiting: sum("waiting") };
}

test("the same events sent to two processes at once count once in every read, and reconcile in the ledger", async () => {
  const sent = new Set<number>();
  let times = 0;
  for (let round = 0; round < rounds; round++) {
    // Half of them are new, the others were sent in the round before.
    const ids = Array.from({ length: 40 }, (_, n) => round * 20 + n);
    const shuffled = ids.toSorted(() => random() - 0.5);
    const parts = [ids, shuffled, shuffled.slice(0, 1), shuffled.slice(1, 9), [...ids.slice(0, 5), ...ids.slice(0, 5)]];
    await Promise.all(parts.flatMap((part) => [send(0, part), send(1, part)]));
    for (const id of ids) sent.add(id);
    times += 2 * parts.flat().length;
  }
  await drained(deployment);
  const events = await countedOnce(deployment, 10);
  expect(new Set(events.map(({ event_id }) => event_id))).toEqual(new Set([...sent].map((id) => `event-${id}`)));

  // The other process writes what it counted every second.
  const expected = { accepted: times, stored: sent.size, duplicate: times - sent.size, waiting: 0 };
  await vi.waitFor(async () => expect(await ledger()).toEqual(expected), { timeout: 60_000, interval: 200 });

  // Later copies change nothing, whichever process they reach.
  const all = [...sent];
  await Promise.all([send(0, all), send(1, all)]);
  await drained(deployment);
  expect(await countedOnce(deployment, 1)).toEqual(events);
}, 600_000);
