import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Fault } from "@millimetric/clickhouse-fixture";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Deployment, deploy, drained, everyRow } from "./deployment.ts";
import { mountSmallDisk } from "./small-disk.ts";

let sent = 0;

/** One event, and what was answered. */
async function send({ apis, project }: Deployment) {
  const event_id = `outage-${++sent}`;
  const start = performance.now();
  const answer = await fetch(`${apis[0]?.url()}/v1/track`, {
    method: "POST",
    headers: { authorization: `Bearer ${project.keys.sk}`, "content-type": "application/json" },
    body: JSON.stringify({ event: "e", event_id, anonymous_id: "a", properties: { padding: "x".repeat(5_000) } }),
  });
  const body = (await answer.json()) as { error?: string };
  return { event_id, status: answer.status, headers: answer.headers, body, ms: performance.now() - start };
}

/** Sends until it is turned away, 20 at a time; what was acknowledged, and how long each answer took. */
async function sendUntilFull(deployment: Deployment) {
  const acknowledged: string[] = [];
  const times: number[] = [];
  for (;;) {
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(deployment)));
    times.push(...answers.map(({ ms }) => ms));
    const refused = answers.find(({ status }) => status !== 202);
    acknowledged.push(...answers.filter(({ status }) => status === 202).map(({ event_id }) => event_id));
    if (refused !== undefined) return { acknowledged, refused, times: times.toSorted((a, b) => a - b) };
  }
}

const ids = async (deployment: Deployment) =>
  (await everyRow<{ event_id: string }>(deployment, "/v1/query")).map(({ event_id }) => event_id);

/** What is said of it to load balancers. */
async function readiness({ apis }: Deployment): Promise<{ status: number; reasons: string[] }> {
  const answer = await fetch(`${apis[0]?.url()}/readyz`);
  const { reasons } = (await answer.json()) as { reasons: string[] };
  return { status: answer.status, reasons };
}

/** Named for the titles of tests. */
const each = (...faults: Fault[]) =>
  faults.map((fault) => ["type" in fault ? fault.type : fault.kind, fault] as const satisfies [string, Fault]);

const ready = { status: 200, reasons: [] };
const unready = (why: string) => ({ status: 503, reasons: [expect.stringContaining(why)] });

describe("ClickHouse is away", () => {
  let deployment: Deployment;
  beforeAll(async () => {
    deployment = await deploy({ apis: 1, env: { SPOOL_MAX_BYTES: "2000000" } });
  });
  afterAll(() => deployment.stop());
  beforeEach(async () => {
    await deployment.clickhouse.heal();
    await drained(deployment);
  });

  test.each(
    each(
      { kind: "refuse" },
      { kind: "hang" },
      { kind: "exception", type: "TOO_MANY_PARTS" },
      { kind: "exception", type: "TABLE_IS_READ_ONLY" },
      { kind: "http500" },
    ),
  )(
    "(%s): 202 until the spool is full, then 503; nothing acknowledged is lost, and what comes later is taken",
    async (name, fault) => {
      const before = await send(deployment);
      expect(before.status).toBe(202);
      expect(await readiness(deployment)).toEqual(ready);
      await deployment.clickhouse.fault(fault);
      expect(await readiness(deployment)).toEqual(ready);
      const { acknowledged, refused, times } = await sendUntilFull(deployment);
      expect(acknowledged.length).toBeGreaterThan(100);
      expect(refused).toMatchObject({ status: 503, body: { error: "overloaded" } });
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      const p99 = times.at(Math.floor(times.length * 0.99))?.toFixed(0);
      expect(await readiness(deployment)).toEqual(unready("The spool is full"));
      process.stdout.write(`p99 of ${times.length} answers while ClickHouse is away (${name}): ${p99} ms\n`);
      await deployment.clickhouse.heal();
      await drained(deployment);
      expect(await readiness(deployment)).toEqual(ready);
      const after = await send(deployment);
      expect(after.status).toBe(202);
      await drained(deployment);
      const stored = await ids(deployment);
      expect(new Set(stored).size).toBe(stored.length);
      expect(stored).toEqual(expect.arrayContaining([before.event_id, ...acknowledged, after.event_id]));
    },
    600_000,
  );

  test.each(
    each(
      { kind: "refuse" },
      { kind: "reset" },
      { kind: "http500" },
      { kind: "exception", type: "KEEPER_EXCEPTION" },
      { kind: "exception", type: "TOO_MANY_SIMULTANEOUS_QUERIES" },
      { kind: "break", type: "KEEPER_EXCEPTION" },
    ),
  )("(%s): reads say that it is not here, and when to come back", async (_, fault) => {
    await send(deployment);
    await deployment.clickhouse.fault(fault);
    const { apis, project } = deployment;
    const asked = [
      ...["/v1/query", "/v1/stats?metric=count", "/v1/sessions", "/v1/receipts", "/v1/dead-letters"].map((path) => [
        "GET",
        path,
      ]),
      ["POST", "/v1/dead-letters/replay"],
    ];
    for (const [method = "", path = ""] of asked) {
      const answer = await fetch(`${apis[0]?.url()}${path}`, {
        method,
        headers: { authorization: `Bearer ${project.keys.sk}`, "content-type": "application/json" },
        ...(method === "POST" ? { body: "{}" } : {}),
      });
      expect([path, answer.status, await answer.json()]).toEqual([
        path,
        503,
        expect.objectContaining({ error: "upstream_unavailable" }),
      ]);
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    }
  });

  test("and the API is killed and started anew: no key is called wrong, and what was acknowledged comes", async () => {
    await deployment.clickhouse.fault({ kind: "refuse" });
    const spooled = await send(deployment);
    const [api] = deployment.apis;
    await api?.stop("SIGKILL");
    await api?.start();
    const unknown = await send(deployment);
    expect([spooled.status, unknown.status, unknown.body.error]).toEqual([202, 503, "upstream_unavailable"]);
    expect(Number(unknown.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await readiness(deployment)).toEqual(unready("ClickHouse does not answer"));
    await deployment.clickhouse.heal();
    await drained(deployment);
    const after = await send(deployment);
    expect(after.status).toBe(202);
    await drained(deployment);
    expect(await ids(deployment)).toEqual(expect.arrayContaining([spooled.event_id, after.event_id]));
  }, 600_000);
});

const disk = mountSmallDisk();
afterAll(() => disk?.unmount());

const withDisk = disk === undefined ? "(skipped: mounting a small disk needs root) " : "";
describe.runIf(disk !== undefined)(`${withDisk}ClickHouse is away, and the disk of the spool`, () => {
  let deployment: Deployment;
  const filler = join(disk?.folder ?? "", "filler");
  beforeAll(async () => {
    deployment = await deploy({ apis: 1, spool: () => join(disk?.folder ?? "", "spool") });
    await send(deployment);
    expect(await readiness(deployment)).toEqual(ready);
  });
  afterAll(() => deployment.stop());

  test("is full: 503 and no crash; it goes on by itself when there is room again, and nothing acknowledged is lost", async () => {
    await deployment.clickhouse.fault({ kind: "refuse" });
    const first = await send(deployment);
    writeFileSync(filler, Buffer.alloc(2_500_000));
    const { acknowledged, refused } = await sendUntilFull(deployment);
    expect(refused).toMatchObject({ status: 503, body: { error: "overloaded" } });
    expect(await readiness(deployment)).toEqual(unready("cannot be written (ENOSPC)"));
    rmSync(filler);
    expect(await readiness(deployment)).toEqual(ready);
    const again = await send(deployment);
    expect([first.status, again.status]).toEqual([202, 202]);
    await deployment.clickhouse.heal();
    await drained(deployment);
    expect(await ids(deployment)).toEqual(expect.arrayContaining([first.event_id, ...acknowledged, again.event_id]));
  }, 600_000);

  test("is filled by the spool itself: 503, and it drains by itself when ClickHouse is back", async () => {
    await deployment.clickhouse.fault({ kind: "refuse" });
    const { acknowledged, refused } = await sendUntilFull(deployment);
    expect(refused).toMatchObject({ status: 503, body: { error: "overloaded" } });
    await deployment.clickhouse.heal();
    await drained(deployment);
    expect((await send(deployment)).status).toBe(202);
    expect(await ids(deployment)).toEqual(expect.arrayContaining(acknowledged));
  }, 600_000);

  test("is read-only: 503 and no crash; it goes on by itself when it can be written", async () => {
    await deployment.clickhouse.fault({ kind: "refuse" });
    disk?.readOnly(true);
    const refused = await send(deployment);
    expect(refused).toMatchObject({ status: 503, body: { error: "overloaded" } });
    expect(await readiness(deployment)).toEqual(unready("cannot be written (EROFS)"));
    disk?.readOnly(false);
    expect(await readiness(deployment)).toEqual(ready);
    const taken = await send(deployment);
    expect(taken.status).toBe(202);
    await deployment.clickhouse.heal();
    await drained(deployment);
    expect(await ids(deployment)).toContain(taken.event_id);
  }, 600_000);
});
