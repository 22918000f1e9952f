import { ClickHouseError } from "@clickhouse/client";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { ClickHouse } from "../src/index.ts";
import { overReplicas } from "../src/replicas.ts";
import { eventLine } from "./event-rows.ts";
import { openTemporary } from "./open.ts";

// Two replicas of one real engine; each has a line that breaks as told.
type Fault = "none" | "refuse" | "hang" | "loseTheAnswer" | "badStatement" | keyof typeof notServing;
const notServing = {
  tooManyQueries: ["202", "TOO_MANY_SIMULTANEOUS_QUERIES"],
  stopping: ["236", "ABORTED"],
  readOnly: ["242", "TABLE_IS_READ_ONLY"],
  diskFull: ["243", "NOT_ENOUGH_SPACE"],
  tooManyParts: ["252", "TOO_MANY_PARTS"],
} as const;

let engine: ClickHouse;
const faults: [Fault, Fault] = ["none", "none"];
const asked: number[] = [];
beforeAll(async () => {
  engine = await openTemporary({ migrated: true });
});
afterAll(() => engine.close());
beforeEach(() => {
  faults.fill("none");
  asked.length = 0;
});

function replica(index: 0 | 1): ClickHouse {
  const through = async <T>(work: () => Promise<T>): Promise<T> => {
    asked.push(index);
    const fault = faults[index];
    if (fault === "refuse") throw new Error("connect ECONNREFUSED");
    if (fault === "hang") return new Promise(() => {});
    if (fault in notServing) {
      const [code, type] = notServing[fault as keyof typeof notServing];
      throw new ClickHouseError({ code, type, message: "" });
    }
    if (fault === "badStatement") throw new ClickHouseError({ code: "62", type: "SYNTAX_ERROR", message: "" });
    const result = await work();
    if (fault === "loseTheAnswer") throw new Error("socket hang up");
    return result;
  };
  return {
    ...engine,
    insert: (block) => through(() => engine.insert(block)),
    query: (sql, params) => through(() => engine.query(sql, params)),
    lookUp: (sql, params) => through(() => engine.lookUp(sql, params)),
    ping: () => through(() => engine.ping()),
  };
}

const open = () => overReplicas([replica(0), replica(1)], { attemptMs: 2_000 });
let blocks = 0;
async function storedAfterInsert(clickhouse: ClickHouse): Promise<number> {
  const project_id = `replicas-${++blocks}`;
  const line = eventLine({ project_id, event_id: "1", anonymous_id: "a", timestamp: new Date() });
  await clickhouse.insert({ table: "events_v1", lines: [line], token: project_id });
  const rows = await engine.query("SELECT 1 FROM events_v1 WHERE project_id = {project_id:String}", { project_id });
  return rows.length;
}

test.each<Fault>(["refuse", "hang", "loseTheAnswer", ...(Object.keys(notServing) as Fault[])])(
  "a block that the first replica does not take (%s) is stored by the second, once",
  async (fault) => {
    faults[0] = fault;
    expect(await storedAfterInsert(open())).toBe(1);
    expect(asked).toEqual([0, 1]);
  },
);

test("a replica that failed comes last for a while, also for look-ups", async () => {
  const clickhouse = open();
  faults[0] = "refuse";
  await clickhouse.lookUp("SELECT 1");
  await clickhouse.lookUp("SELECT 1");
  expect(asked).toEqual([0, 1, 1]);
  faults[1] = "refuse";
  faults[0] = "none";
  expect(await clickhouse.lookUp<{ one: number }>("SELECT 1 AS one")).toEqual([{ one: 1 }]);
  expect(asked).toEqual([0, 1, 1, 1, 0]);
});

test("a statement that is wrong is wrong everywhere: no other replica is asked", async () => {
  faults[0] = "badStatement";
  await expect(open().lookUp("SELEC")).rejects.toMatchObject({ code: "62" });
  expect(asked).toEqual([0]);
});

test("reports take turns", async () => {
  const clickhouse = open();
  for (let n = 0; n < 4; n++) await clickhouse.query("SELECT 1");
  expect(asked).toEqual([0, 1, 0, 1]);
});

test("it answers pings while one replica does, and fails with the last one's error when none serves", async () => {
  const clickhouse = open();
  faults[0] = "hang";
  expect(await clickhouse.ping()).toBe(true);
  faults[1] = "refuse";
  expect(await clickhouse.ping()).toBe(false);
  await expect(clickhouse.lookUp("SELECT 1")).rejects.toThrow();
});
