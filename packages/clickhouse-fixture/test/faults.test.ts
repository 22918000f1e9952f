import { afterEach, beforeEach, expect, test } from "vitest";
import type { Aim, Blow } from "../src/index.ts";
import { rows, type Setup, setUp } from "./clients.ts";

let setup: Setup;
beforeEach(async () => {
  setup = await setUp({ replicas: 2 });
  await setup.client.command({ query: "CREATE TABLE kept (n UInt32) ENGINE = MergeTree ORDER BY n" });
});
afterEach(() => setup[Symbol.asyncDispose]());

const insert = (n: number, url = setup.fixture.url) =>
  setup.connect({ url, request_timeout: 500 }).insert({ table: "kept", values: [{ n }], format: "JSONEachRow" });
const kept = async () => (await rows<{ n: number }>(setup.client, "SELECT n FROM kept ORDER BY n")).map(({ n }) => n);

test.each<Blow>([
  { kind: "hang" },
  { kind: "cut" },
  { kind: "reset" },
  { kind: "http500" },
  { kind: "exception", type: "TOO_MANY_PARTS" },
  { kind: "exception", type: "TABLE_IS_READ_ONLY" },
])(
  "an insert that meets $kind $type fails, or not, as told: nothing is stored, or only the answer is lost",
  async (blow) => {
    const aim: Aim = { only: "inserts", times: 1 };
    // An answer that ends after its headers is all that an insert's ever has.
    const fails = blow.kind !== "cut";
    await setup.fixture.fault({ ...blow, ...aim });
    if (fails) await expect(insert(1)).rejects.toThrow();
    else await insert(1).catch(() => {});
    expect(await kept()).toEqual([]);
    await setup.fixture.fault({ ...blow, ...aim, executed: true });
    if (fails) await expect(insert(2)).rejects.toThrow();
    else await insert(2).catch(() => {});
    await insert(3);
    expect(await kept()).toEqual([2, 3]);
  },
);

test("an exception tells its code, so that clients know what to do", async () => {
  await setup.fixture.fault({ kind: "exception", type: "TOO_MANY_PARTS", times: 1 });
  await expect(insert(1)).rejects.toMatchObject({ code: "252", type: "TOO_MANY_PARTS" });
});

test("a closed port refuses connections on its replica alone, until healed", async () => {
  const [first, second] = setup.fixture.urls;
  await setup.fixture.fault({ kind: "refuse", replica: 0 });
  await expect(insert(1, first)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await insert(2, second);
  await setup.fixture.heal();
  await insert(3, first);
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
  expect(new Set(first).size).toBe(2);
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
