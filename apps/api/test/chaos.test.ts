import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type FetchLike, Millimetric } from "@millimetric/track-node";
import fc from "fast-check";
import { v7 } from "uuid";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiProcess, apiProcess } from "./api-process.ts";
import { adminToken, patient, type TestProject } from "./platform.ts";

let folder: string;
let api: ApiProcess;
let project: TestProject;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millimetric-chaos-"));
  api = apiProcess(folder, patient);
  await api.start();
  const response = await fetch(`${api.url()}/admin/v1/projects`, {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "chaos" }),
  });
  project = (await response.json()) as TestProject;
});
afterAll(async () => {
  await api.stop("SIGTERM");
  rmSync(folder, { recursive: true, force: true });
});

/** A client of the plainest kind: sends each event again, under the same id, until it is answered with 202. */
async function insist(path: string, body: object): Promise<void> {
  const request = {
    method: "POST",
    headers: { authorization: `Bearer ${project.keys.sk}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
  for (;;) {
    const answer = await fetch(`${api.url()}${path}`, request).catch(() => undefined);
    if (answer?.status === 202) return;
    await wait(20);
  }
}

/** Every event id of the project, as /v1/query counts them, page by page. */
async function storedIds(): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ""; ; ) {
    const page = cursor === "" ? "" : `&cursor=${cursor}`;
    const answer = await fetch(`${api.url()}/v1/query?limit=1000${page}`, {
      headers: { authorization: `Bearer ${project.keys.rk}` },
    });
    const { rows, next_cursor } = (await answer.json()) as { rows: { event_id: string }[]; next_cursor?: string };
    ids.push(...rows.map(({ event_id }) => event_id));
    if (next_cursor === undefined) return ids;
    cursor = next_cursor;
  }
}

test("kill -9 again and again: every acknowledged event is there, and counts once", async () => {
  const [pauses] = fc.sample(fc.array(fc.integer({ min: 100, max: 1200 }), { minLength: 5, maxLength: 5 }), {
    seed: 11,
    numRuns: 1,
  });
  const sent: string[] = [];
  const id = (client: string, n: number) => {
    // Most clients make ids as the SDKs do; one numbers its events.
    const event_id = client === "b" ? `${client}-${n}` : v7();
    sent.push(event_id);
    return event_id;
  };
  let quiet = false;

  async function tracking(client: string): Promise<void> {
    for (let n = 0; !quiet; n++)
      await insist("/v1/track", { event: "e", event_id: id(client, n), anonymous_id: client });
  }
  async function batching(client: string): Promise<void> {
    for (let n = 0; !quiet; n += 50) {
      const events = Array.from({ length: 50 }, (_, k) => ({
        event: "e",
        event_id: id(client, n + k),
        user_id: client,
      }));
      // The same batch twice at once, as an impatient proxy would.
      await Promise.all([insist("/v1/batch", { events }), insist("/v1/batch", { events })]);
    }
  }
  const toPresentLife: FetchLike = (url, init) => fetch(url.replace("http://api.invalid", api.url()), init);
  const mm = new Millimetric({ key: project.keys.sk, host: "http://api.invalid", fetch: toPresentLife, flushAt: 20 });
  async function sdk(): Promise<void> {
    for (let n = 0; !quiet; n++) {
      mm.track({ event: "e", event_id: id("sdk", n), anonymous_id: "sdk" });
      if (n % 20 === 0) await wait(10);
    }
  }

  const clients = [tracking("a"), tracking("b"), batching("c"), sdk()];
  for (const pause of pauses ?? []) {
    await wait(pause);
    await api.stop("SIGKILL");
    await api.start();
  }
  quiet = true;
  await Promise.all(clients);
  expect(await mm.close({ timeoutMs: 60_000 })).toMatchObject({ dropped: 0, rejected: 0, pending: 0 });

  const stored = await storedIds();
  expect(new Set(stored).size).toBe(stored.length);
  expect(stored.toSorted()).toEqual(sent.toSorted());
  expect(sent.length).toBeGreaterThan(1000);
}, 600_000);

test("SIGTERM stores what was begun and ends with 0", async () => {
  const events = Array.from({ length: 200 }, (_, n) => ({ event: "e", event_id: `term-${n}`, anonymous_id: "t" }));
  const answers = Promise.allSettled(
    events.map((event) =>
      fetch(`${api.url()}/v1/track`, {
        method: "POST",
        headers: { authorization: `Bearer ${project.keys.sk}`, "content-type": "application/json" },
        body: JSON.stringify(event),
      }).then(({ status }) => ({ status, event_id: event.event_id })),
    ),
  );
  await wait(30);
  expect(await api.stop("SIGTERM")).toBe(0);
  const acknowledged = (await answers).flatMap((answer) =>
    answer.status === "fulfilled" && answer.value.status === 202 ? [answer.value.event_id] : [],
  );
  await api.start();
  expect(await storedIds()).toEqual(expect.arrayContaining(acknowledged));
}, 600_000);
