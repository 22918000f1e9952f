import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type ClickHouse, migrate, openEmbeddedClickHouse } from "@millimetric/clickhouse";
import fc from "fast-check";
import { v7 } from "uuid";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createDeadLetters } from "../src/ingest/dead-letters.ts";
import { eventRow } from "../src/ingest/event-row.ts";
import { createGroupCommit, type GroupCommit } from "../src/ingest/group-commit.ts";
import { lineOf, rowOf, withNames } from "../src/ingest/row-line.ts";
import { openSpool } from "../src/spool/spool.ts";

// The real engine behind a line that breaks as told.
type Fault = "refuse" | "hang" | "loseTheAnswer";

let folder: string;
let engine: ClickHouse;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millimetric-outage-"));
  engine = await openEmbeddedClickHouse(join(folder, "clickhouse"));
  await migrate(engine);
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

function faulty(faults: (Fault | "none")[]): ClickHouse {
  return {
    ...engine,
    async insert(block) {
      const fault = faults.shift();
      if (fault === "refuse") throw new Error("connection refused");
      if (fault === "hang") return new Promise<void>(() => {});
      await engine.insert(block);
      if (fault === "loseTheAnswer") throw new Error("socket hang up");
    },
  };
}

let projects = 0;
function setUp(faults: (Fault | "none")[], { maxBytes = 10_000_000, insertTimeoutMs = 100 } = {}) {
  const project_id = `project-${++projects}`;
  const spoolFolder = join(folder, project_id);
  const setAside = new Map<string, string>();
  const told = { stored: [] as string[], dead: [] as string[], duplicates: 0 };
  const open = (): GroupCommit =>
    createGroupCommit({
      clickhouse: faulty(faults),
      spool: openSpool(spoolFolder, maxBytes),
      setAside: async (line, _error, token) => void setAside.set(token, line),
      insertTimeoutMs,
      onStored({ stored, duplicates }) {
        told.stored.push(...stored.map(({ event_id }) => event_id));
        told.duplicates += duplicates.length;
      },
      onDead: (line) => void told.dead.push(line),
    });
  const row = (event_id: string) =>
    eventRow(
      { event: "e", event_id, anonymous_id: "a" },
      { project_id, env: "live", key_prefix: "k", receivedAt: Date.now() },
    );
  const stored = async () => {
    const sql = "SELECT event_id FROM events WHERE project_id = {project_id:String} ORDER BY event_id";
    return (await engine.lookUp<{ event_id: string }>(sql, { project_id })).map(({ event_id }) => event_id);
  };
  return { open, row, stored, setAside, told };
}

test.each<Fault>(["refuse", "hang", "loseTheAnswer"])(
  "when ClickHouse does not answer (%s), events are acknowledged from the spool and counted once when it is back",
  async (fault) => {
    const { open, row, stored } = setUp([fault, fault, fault]);
    const commit = open();
    await commit.store([row("1"), row("2")]);
    await commit.store([row("2"), row("3")]);
    await vi.waitFor(async () => expect(await stored()).toEqual(["1", "2", "3"]), 90_000);
    await commit.store([row("4")]);
    await vi.waitFor(async () => expect(await stored()).toEqual(["1", "2", "3", "4"]), 90_000);
    await commit.close();
  },
);

test("what the spool holds when the process dies is stored by the next one", async () => {
  const faults: Fault[] = Array.from({ length: 100 }, () => "refuse");
  const { open, row, stored } = setUp(faults);
  const dying = open();
  await dying.store([row("1")]);
  await dying.close();
  expect(await stored()).toEqual([]);
  faults.length = 0;
  const next = open();
  await vi.waitFor(async () => expect(await stored()).toEqual(["1"]), 90_000);
  await next.close();
});

test("a duplicate that was tried with its batch when the process died is told as a duplicate by the next one", async () => {
  const always = Array.from({ length: 10_000 }, (): Fault => "refuse");
  const faults: (Fault | "none")[] = [];
  const { open, row, stored, told } = setUp(faults, { insertTimeoutMs: 60_000 });
  const dying = open();
  await dying.store([row("1")]);
  faults.push(...always);
  await dying.store([row("2")]);
  await dying.store([row("3"), row("1")]);
  faults.splice(0, faults.length, "none", "loseTheAnswer", ...always);
  await vi.waitFor(async () => expect(await stored()).toEqual(["1", "2", "3"]), 90_000);
  await dying.close();
  faults.length = 0;
  const next = open();
  await vi.waitFor(() => expect(told.stored.toSorted()).toEqual(["1", "2", "3"]), 90_000);
  await next.close();
  expect(told.duplicates).toBe(1);
});

test("when the spool is full, events are turned away with Retry-After, and nothing acknowledged is lost", async () => {
  const faults: Fault[] = Array.from({ length: 10_000 }, () => "refuse");
  const { open, row, stored } = setUp(faults, { maxBytes: 4_000 });
  const commit = open();
  const acknowledged: string[] = [];
  let refused = 0;
  for (let n = 10; n < 30; n++) {
    try {
      await commit.store([row(String(n))]);
      acknowledged.push(String(n));
    } catch (error) {
      expect(error).toMatchObject({ code: "overloaded", retryAfter: 5 });
      refused++;
    }
  }
  expect(acknowledged.length).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
  faults.length = 0;
  await vi.waitFor(async () => expect(await stored()).toEqual(acknowledged), 90_000);
  await commit.close();
});

test("a row that ClickHouse will never take is set aside, and costs no neighbour", async () => {
  const { open, row, stored, setAside } = setUp([]);
  const commit = open();
  const bad = { ...row("bad"), line: lineOf({ ...rowOf(row("bad").line), timestamp: "no time" }) };
  await commit.store([row("1"), bad, row("2")]);
  await vi.waitFor(async () => expect(await stored()).toEqual(["1", "2"]), 90_000);
  expect([...setAside.values()]).toEqual([withNames(bad.line)]);
  await commit.close();
});

test("a part of a batch that was stored, or set aside, while another part failed is told once, by the next process, too", async () => {
  const always = Array.from({ length: 10_000 }, (): Fault => "refuse");
  const faults: (Fault | "none")[] = [...always];
  const { open, row, stored, setAside, told } = setUp(faults, { insertTimeoutMs: 60_000 });
  const dying = open();
  const bad = { ...row("bad"), line: lineOf({ ...rowOf(row("bad").line), timestamp: "no time" }) };
  await dying.store([row("0")]);
  await dying.store([bad, bad, row("1"), row("2"), row("3"), row("4")]);
  // The first record, all of the second, its first half, of that the first row, the others, each of these; not the second half.
  faults.splice(0, faults.length, ...Array.from({ length: 7 }, () => "none" as const), ...always);
  await vi.waitFor(async () => expect(await stored()).toEqual(["0", "1"]), 90_000);
  await dying.close();
  faults.length = 0;
  const next = open();
  await vi.waitFor(() => expect(told.stored.toSorted()).toEqual(["0", "1", "2", "3", "4"]), 90_000);
  await next.close();
  expect(told.dead).toEqual([bad, bad].map(({ line }) => withNames(line)));
  expect([...setAside.values()]).toEqual(told.dead);
  expect(told.duplicates).toBe(0);
});

test("what is set aside again under its token is one dead letter", async () => {
  const nobody = { ready: async () => {}, suppresses: () => false };
  const letters = createDeadLetters({ clickhouse: engine, forgotten: nobody, onDropped() {} });
  const { row } = setUp([]);
  const line = withNames(row("bad").line);
  for (const token of ["batch/1", "batch/1", "batch/2"]) await letters.addRow(line, "no time", token);
  await letters.close();
  const kept = await engine.lookUp("SELECT message FROM dead_letters_v1 WHERE project_id = {project_id:String}", {
    project_id: `project-${projects}`,
  });
  expect(kept).toHaveLength(2);
});

test("whatever breaks and however often, the acknowledged events are there, each once, and each is told once", async () => {
  const fault = fc.constantFrom<Fault | "none">("refuse", "hang", "loseTheAnswer", "none");
  const batch = fc.array(fc.integer({ min: 10, max: 40 }), { minLength: 1, maxLength: 5 });
  // Every other id is one that an SDK makes a little later, so that it is not looked up the first time.
  const later = Date.now() + 10_000;
  const idOf = (n: number) => (n % 2 === 0 ? String(n) : v7({ msecs: later + n, seq: 0, random: new Uint8Array(16) }));
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 5 }), fc.array(batch, { maxLength: 8 }), async (breaks, batches) => {
      const { open, row, stored, told } = setUp(breaks);
      let commit = open();
      for (const [index, ids] of batches.entries()) {
        await commit.store(ids.map((id) => row(idOf(id))));
        if (index % 3 === 2) {
          await commit.close();
          commit = open();
        }
      }
      const expected = [...new Set(batches.flat())].map(idOf).sort();
      await vi.waitFor(async () => expect(await stored()).toEqual(expected), 90_000);
      await vi.waitFor(() => expect(told.stored.toSorted()).toEqual(expected), 90_000);
      await commit.close();
      expect(told.duplicates).toBe(batches.flat().length - expected.length);
    }),
    { seed: 7, numRuns: 12 },
  );
});

test("an insert that lands after it was given up, while the spool took nothing, counts once when the event is sent again", async () => {
  const { row, stored } = setUp([]);
  const { promise: landing, resolve: land } = Promise.withResolvers<void>();
  let late: Promise<void> | undefined;
  const commit = createGroupCommit({
    clickhouse: {
      ...engine,
      exclusive: false,
      insert(block) {
        if (block.table !== "events_v1" || late !== undefined) return engine.insert(block);
        late = landing.then(() => engine.insert(block));
        return late;
      },
    },
    spool: openSpool(join(folder, "late"), 10),
    setAside: async () => {},
    insertTimeoutMs: 2_000,
  });
  await expect(commit.store([row("1")])).rejects.toMatchObject({ code: "overloaded" });
  await expect(commit.store([row("1")])).rejects.toMatchObject({ code: "overloaded" });
  land();
  await late;
  await vi.waitFor(() => commit.store([row("1"), row("2")]), 90_000);
  expect(await stored()).toEqual(["1", "2"]);
  await commit.close();
});

test("a ClickHouse that is slow, but answers each question in time, empties the spool", async () => {
  const { row, stored } = setUp([]);
  const insertTimeoutMs = 4_000;
  let away = true;
  const commit = createGroupCommit({
    clickhouse: {
      ...engine,
      exclusive: false,
      async insert(block) {
        if (away) throw new Error("connection refused");
        await engine.insert(block);
      },
      async lookUp(sql, params) {
        // One batch is looked up in several questions, which take longer together.
        if (params?.["keys"] !== undefined) await wait(insertTimeoutMs * 0.4);
        return engine.lookUp(sql, params);
      },
    },
    spool: openSpool(join(folder, "slow"), 100_000_000),
    setAside: async () => {},
    insertTimeoutMs,
  });
  const ids = Array.from({ length: 10_000 }, (_, n) => `slow-${n}-${"x".repeat(20)}`);
  for (let from = 0; from < ids.length; from += 1_000) await commit.store(ids.slice(from, from + 1_000).map(row));
  away = false;
  await vi.waitFor(async () => expect(await stored()).toHaveLength(ids.length), { timeout: 90_000, interval: 200 });
  await commit.close();
});
