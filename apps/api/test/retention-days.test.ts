import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRetention } from "../src/forget/retention.ts";
import { adminToken, startPlatform, type TestPlatform } from "./platform.ts";
import { searchFolder } from "./search-folder.ts";

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform.close());

const day = (n: number) => new Date(Date.UTC(2026, 0, n)).toISOString();

test("each project loses what is older than it keeps, and nothing else; the ledger says so", async () => {
  const keeps = await platform.project("keeps for 60 days");
  const all = await platform.project("keeps all");
  for (const { keys } of [keeps, all]) {
    const days = [1, 2, 40, 59, 60, 61, 62, 100];
    const events = days.map((n) => ({
      event: "e",
      event_id: `of-day-${n}`,
      anonymous_id: `${keys.rk}-${n}`,
      timestamp: day(n),
    }));
    await platform.ask("POST", "/v1/batch", { key: keys.sk, body: { events } });
  }
  const settings = { retention_days: 60 };
  const path = `/admin/v1/projects/${keeps.project_id}`;
  expect((await platform.ask("PATCH", path, { key: adminToken, body: { settings } })).status).toBe(200);
  const ids = async ({ keys }: typeof keeps) => {
    const { body } = await platform.ask("GET", "/v1/query?from=2025-01-01&to=2027-01-01", { key: keys.rk });
    return body.rows.map((row: { event_id: string }) => row.event_id).reverse();
  };
  // Noon of day 121: the first 60 days are over.
  const now = new Date(Date.parse(day(121)) + 43_200_000);
  expect(await applyRetention(platform.clickhouse, platform.controlPlane, now)).toEqual([
    { project_id: keeps.project_id, cutoff: day(61), removed: 5 },
  ]);
  expect(await ids(keeps)).toEqual(["of-day-61", "of-day-62", "of-day-100"]);
  expect((await ids(all)).length).toBe(8);
  expect(await applyRetention(platform.clickhouse, platform.controlPlane, now)).toEqual([]);
  expect([...searchFolder(platform.dataDir, [`${keeps.keys.rk}-40`, `${all.keys.rk}-40`]).keys()]).toEqual([
    `${all.keys.rk}-40`,
  ]);
  const { body } = await platform.ask("GET", "/v1/receipts", { key: keeps.keys.rk });
  expect(body.rows).toMatchObject([{ stored: 8, removed: 5, waiting: 0 }]);
  expect((await platform.ask("POST", "/admin/v1/retention", { key: adminToken })).status).toBe(200);
});
