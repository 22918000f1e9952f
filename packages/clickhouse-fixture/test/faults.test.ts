import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Aim, Blow } from "../src/index.ts";
import { rows, type Setup, setUp } from "./clients.ts";

let setup: Setup;
beforeEach(async () => {
  setup = await setUp({ replicas: 2 });
  await setup.client.command({ query: "CREATE TABLE kept (n UInt32) ENGINE = MergeTree ORDER BY n" });
});
afterEach(() => setup[Symbol.asyncDispose]());

const insert = (n: number, { url = setup.fixture.url, request_timeout = 30_000 } = {}) =>
  setup.connect({ url, request_timeout }).insert({ table: "kept", values: [{ n }], format: "JSONEachRow" });
/** Gives up soon. */
const impatientInsert = (n: number) => insert(n, { request_timeout: 500 });
const kept = async () => (await rows<{ n: number }>(setup.client, "SELECT n FROM kept ORDER BY n")).map(({ n }) => n);

const blows: Blow[] = [
  { kind: "hang" },
  { kind: "cut" },
  { kind: "reset" },
  { kind: "http500" },
  { kind: "exception", type: "TOO_MANY_PARTS" },
  { kind: "exception", type: "TABLE_IS_READ_ONLY" },
];
test.each(blows.map((blow) => ["type" in blow ? blow.type : blow.kind, blow] as const))(
  "an insert that meets %s fails, or not, as told: nothing is stored, or only the answer is lost",
  async (_, blow) => {
    const aim: Aim = { only: "inserts", times: 1 };
    // An answer that ends after its headers is all that an insert's ever has.
    const fails = blow.kind !== "cut";
    const meet = blow.kind === "hang" ? impatientInsert : insert;
    await setup.fixture.fault({ ...blow, ...aim });
    if (fails) await expect(meet(1)).rejects.toThrow();
    else await meet(1).catch(() => {});
    expect(await kept()).toEqual([]);
    await setup.fixture.fault({ ...blow, ...aim, executed: true });
    if (fails) await expect(meet(2)).rejects.toThrow();
    else await meet(2).catch(() => {});
    await insert(3);
    await vi.waitFor(async () => expect(await kept()).toEqual([2, 3]), { timeout: 60_000 });
  },
);

test("a slow insert is stored although its client gave up; a slow answer comes late", async () => {
  await setup.fixture.fault({ kind: "slow", ms: 800, only: "inserts", times: 1 });
  await expect(impatientInsert(1)).rejects.toThrow("Timeout");
  await vi.waitFor(async () => expect(await kept()).toEqual([1]), { timeout: 60_000 });
  await setup.fixture.fault({ kind: "slow", ms: 300, only: "selects", times: 1, executed: true });
  const start = performance.now();
  expect(await kept()).toEqual([1]);
  expect(performance.now() - start).toBeGreaterThan(290);
});

test("a select that breaks half-way gives rows, then the exception; one that is cut or reset never passes for whole", async () => {
  const query = "SELECT number FROM numbers(1000) SETTINGS output_format_parallel_formatting = 0";
  const read = async () => {
    const result = await setup.client.query({ query, format: "JSONEachRow" });
    const seen: unknown[] = [];
    try {
      for await (const some of result.stream()) seen.push(...some);
    } catch (error) {
      return { seen: seen.length, error };
    }
    return { seen: seen.length, error: undefined };
  };
  const aim: Aim = { only: "selects", times: 1, executed: true };
  await setup.fixture.fault({ kind: "break", type: "MEMORY_LIMIT_EXCEEDED", ...aim });
  const broken = await read();
  expect(broken.error).toMatchObject({ code: "241", type: "MEMORY_LIMIT_EXCEEDED" });
  for (const kind of ["cut", "reset"] as const) {
    await setup.fixture.fault({ kind, ...aim });
    const { seen, error } = await read().catch((error: unknown) => ({ seen: 0, error }));
    expect(seen).toBeLessThan(1000);
    expect(error).toBeInstanceOf(Error);
  }
  expect(await read()).toEqual({ seen: 1000, error: undefined });
});

test("a fault hits only what it is aimed at: inserts or selects, as often as told, pings where they can be hit", async () => {
  await setup.fixture.fault({ kind: "http500", only: "inserts", times: 2 });
  expect(await kept()).toEqual([]);
  for (let n = 0; n < 2; n++) await expect(insert(n)).rejects.toThrow();
  await insert(2);
  await setup.fixture.fault({ kind: "exception", type: "KEEPER_EXCEPTION" });
  expect(await setup.client.ping()).toEqual({ success: true });
  await setup.fixture.heal();
  await setup.fixture.fault({ kind: "hang" });
  expect(await setup.connect({ request_timeout: 200 }).ping()).toMatchObject({ success: false });
  await setup.fixture.heal();
  expect(await kept()).toEqual([2]);
});

test("an exception tells its code, so that clients know what to do", async () => {
  await setup.fixture.fault({ kind: "exception", type: "TOO_MANY_PARTS", times: 1 });
  await expect(insert(1)).rejects.toMatchObject({ code: "252", type: "TOO_MANY_PARTS" });
});

test("a closed port refuses connections on its replica alone, until healed", async () => {
  const [first = "", second = ""] = setup.fixture.urls;
  await setup.fixture.fault({ kind: "refuse", replica: 0 });
  await expect(insert(1, { url: first })).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await insert(2, { url: second });
  await setup.fixture.heal();
  await insert(3, { url: first });
  expect(await kept()).toEqual([2, 3]);
});

test("what hangs is ended by healing; played() tells what was met", async () => {
  await setup.fixture.fault({ kind: "hang", only: "selects" });
  const asked = kept().catch((error: unknown) => error);
  while ((await setup.fixture.played())["hang"] !== 1);
  await setup.fixture.heal();
  expect(await asked).toBeInstanceOf(Error);
  expect(await kept()).toEqual([]);
});

test("the same seed plays the same faults", async () => {
  const play = async () => {
    await setup.fixture.restart();
    await setup.fixture.fault({
      kind: "random",
      seed: 5,
      only: "inserts",
      choice: [{ kind: "http500" }],
      probability: 0.5,
      times: 3,
    });
    const outcomes: boolean[] = [];
    for (let n = 0; n < 12; n++)
      outcomes.push(
        await insert(n).then(
          () => true,
          () => false,
        ),
      );
    return outcomes;
  };
  const first = await play();
  expect(first.filter((stored) => !stored)).toHaveLength(3);
  expect(await play()).toEqual(first);
});

test("SIGKILL loses nothing that was answered; the ports stay", async () => {
  const { url } = setup.fixture;
  await insert(1);
  await setup.fixture.kill();
  await expect(insert(2)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await setup.fixture.restart();
  expect(setup.fixture.url).toBe(url);
  expect(await kept()).toEqual([1]);
});

test("a folder that was given outlives the fixture", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "clickhouse-fixture-test-"));
  const lives = [];
  for (const n of [1, 2]) {
    await using life = await setUp({ dataDir });
    await life.client.command({ query: "CREATE TABLE IF NOT EXISTS lives (n UInt8) ENGINE = MergeTree ORDER BY n" });
    await life.client.insert({ table: "lives", values: [{ n }], format: "JSONEachRow" });
    lives.push(await rows(life.client, "SELECT n FROM lives ORDER BY n"));
  }
  expect(lives).toEqual([[{ n: 1 }], [{ n: 1 }, { n: 2 }]]);
  rmSync(dataDir, { recursive: true });
});
