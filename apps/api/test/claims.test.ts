import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Block, type ClickHouse, migrate, openEmbeddedClickHouse } from "@millimetric/clickhouse";
import fc, { type Scheduler } from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createClaims } from "../src/ingest/claims.ts";
import { eventRow } from "../src/ingest/event-row.ts";
import { createGroupCommit } from "../src/ingest/group-commit.ts";
import { openSpool } from "../src/spool/spool.ts";

let folder: string;
let engine: ClickHouse;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millimetric-claims-"));
  engine = await openEmbeddedClickHouse(join(folder, "clickhouse"));
  await migrate(engine);
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

/**
 * The real engine as one of several processes sees it: its statements and those of the others run in any order that `scheduler`
 * chooses. `late` says of an insert of events that it fails for its sender and happens all the same, some time later.
 */
function seenByOneProcess(scheduler: Scheduler, late: boolean[]): ClickHouse {
  const insert = scheduler.scheduleFunction((block: Block) => engine.insert(block));
  const lookUp = scheduler.scheduleFunction((sql: string, params: Parameters<ClickHouse["lookUp"]>[1]) =>
    engine.lookUp(sql, params),
  );
  return {
    ...engine,
    exclusive: false,
    async insert(block) {
      const done = insert(block);
      if (block.table === "events_v1" && late.shift()) throw new Error("socket hang up");
      await done;
    },
    lookUp: lookUp as ClickHouse["lookUp"],
  };
}

const batches = fc.array(fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 3,
});
const processes = fc.array(fc.record({ batches, late: fc.array(fc.boolean(), { maxLength: 3 }) }), {
  minLength: 2,
  maxLength: 3,
});

test("processes over one database store each event once, in whatever order their statements run and break", async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), processes, async (scheduler, plans) => {
      const project_id = `claims-${++runs}`;
      const row = (id: number) =>
        eventRow(
          { event: "e", event_id: String(id), anonymous_id: "a" },
          { project_id, env: "live", key_prefix: "k", receivedAt: Date.now() },
        );
      const instances = plans.map(({ late }, index) => {
        const spoolFolder = join(folder, project_id, String(index));
        return createGroupCommit({
          clickhouse: seenByOneProcess(scheduler, [...late]),
          spool: openSpool(spoolFolder, 10_000_000),
          setAside: async (line) => Promise.reject(new Error(`nothing is wrong with ${line}`)),
          insertTimeoutMs: 5_000,
        });
      });
      const storedIds = async () => {
        const sql = "SELECT event_id FROM events_v1 WHERE project_id = {project_id:String} ORDER BY event_id";
        return (await engine.query<{ event_id: string }>(sql, { project_id })).map(({ event_id }) => event_id);
      };
      const expected = [...new Set(plans.flatMap((plan) => plan.batches.flat()))].map(String).sort();
      const everythingIsStored = vi.waitFor(async () => expect(await storedIds()).toEqual(expected), 90_000);
      const sent = plans.flatMap((plan, index) => plan.batches.map((ids) => instances[index]?.store(ids.map(row))));
      await scheduler.waitFor(Promise.all([...sent, everythingIsStored]));
      // What was late is done now; it must not have come twice.
      const closed = Promise.all(instances.map((instance) => instance.close()));
      await scheduler.waitFor(closed);
      await scheduler.waitAll();
      expect(await storedIds()).toEqual(expected);
    }),
    { seed: 11, numRuns: 25 },
  );
});

test("an insert that may still happen keeps its events claimed, whatever its process does next, until it is settled", async () => {
  const patienceMs = 50;
  const [first, second] = ["a", "b"].map((writer) => createClaims(engine, { writer, patienceMs }));
  const [lost, next] = ["lost", "next"].map((event_id) => ({ project_id: "uncertain", event_id }));
  if (!first || !second || !lost || !next) throw new Error("unreachable");
  await first.take([lost], "1");
  first.uncertain([lost], "1");
  await first.take([next], "2");
  await expect(second.take([lost], "3")).rejects.toThrow("another process");
  first.settled([lost]);
  await first.take([next], "2");
  await expect(second.take([lost], "3")).resolves.toBeDefined();
});

test("what an insert of this process may still store is not stored under another token, and only so much is left uncertain", async () => {
  const claims = createClaims(engine, { writer: "own" });
  const rows = Array.from({ length: 30_000 }, (_, n) => ({ project_id: "own", event_id: String(n) }));
  const [first, second] = rows;
  if (!first || !second) throw new Error("unreachable");
  await claims.take([first], "1");
  claims.uncertain([first], "1");
  await claims.take([first], "1/0");
  await expect(claims.take([second, first], "2")).rejects.toThrow("an earlier insert");
  claims.settled([first]);
  await claims.take([second, first], "2");
  claims.uncertain(rows, "2");
  await claims.take(rows.slice(0, 100), "2");
  await expect(claims.take([{ project_id: "own", event_id: "more" }], "3")).rejects.toThrow("too many");
});
