import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClickHouse, hideVisitor, recordWithdrawal } from "../src/index.ts";
import { hasExceptions } from "../src/queries/exceptions.ts";
import { insertEvents } from "./event-rows.ts";
import { openTemporary } from "./open.ts";

let opened: Awaited<ReturnType<typeof openTemporary>>;
beforeAll(async () => {
  opened = await openTemporary({ migrated: true });
});
afterAll(() => opened.close());

const link = { env: "live", anonymous_id: "a", user_id: "u", action: "unlink", reason: "", key_prefix: "k" } as const;

test("that nothing is left out of reads is remembered until something may be, and never longer", async () => {
  let asked = 0;
  const clickhouse: ClickHouse = {
    ...opened,
    query(sql, params) {
      asked++;
      return opened.query(sql, params);
    },
  };
  const excepted = (project_id: string) => hasExceptions(clickhouse, { project_id });

  for (const project_id of ["p", "q", "p", "q"]) expect(await excepted(project_id)).toBe(false);
  await insertEvents(clickhouse, [{ project_id: "p", event_id: "1", anonymous_id: "a", timestamp: new Date(0) }]);
  await clickhouse.insert({ table: "receipts_v1", lines: ['{"project_id":"p"}'], token: randomUUID() });
  expect(await excepted("p")).toBe(false);
  expect(asked, "one look for each project").toBe(2);

  await recordWithdrawal(clickhouse, { ...link, project_id: "p" });
  expect([await excepted("p"), await excepted("q")]).toEqual([true, false]);
  await hideVisitor(clickhouse, { project_id: "q", request_id: "r" }, "a");
  expect([await excepted("p"), await excepted("q")]).toEqual([true, true]);
});

test("where others write, too, it is asked every time", async () => {
  // Knows of no change: it is made through another connection.
  const clickhouse: ClickHouse = { ...opened, exclusive: false, changes: () => 0 };
  expect(await hasExceptions(clickhouse, { project_id: "s" })).toBe(false);
  await recordWithdrawal(opened, { ...link, project_id: "s" });
  expect(await hasExceptions(clickhouse, { project_id: "s" })).toBe(true);
});
