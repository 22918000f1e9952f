import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstTouch, journey, migrate, openEmbeddedClickHouse } from "@millimetric/clickhouse";

/** The seed's first-touch query with its two mistakes mended, and nothing else changed. */
const seedRepaired = `
WITH user_anons AS
(
    SELECT DISTINCT project_id, user_id, anonymous_id FROM events WHERE project_id = 'bench' AND user_id IS NOT NULL
)
SELECT u.user_id AS user_id, argMin(e.source, e.timestamp) AS first_touch_source, min(e.timestamp) AS first_seen_at
FROM events AS e
INNER JOIN user_anons AS u USING (project_id, anonymous_id)
WHERE e.project_id = 'bench' AND (e.user_id IS NULL OR e.user_id = u.user_id)
GROUP BY user_id`;

const always = { from: new Date(0), to: new Date("2100-01-01") };
const scope = { project_id: "bench", env: "live", include_bots: false } as const;

interface Touch {
  user_id: string;
  first_seen_at: string;
}
const sameTouch = (one: Touch, other: Touch | undefined) =>
  one.user_id === other?.user_id && one.first_seen_at === other.first_seen_at;

async function median(run: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    await run();
    times.push(performance.now() - start);
  }
  return times.toSorted((a, b) => a - b)[2] ?? 0;
}

/** SPEC 10, third and fourth rows, in their first form: medians of 5, in one run on the same events. */
export async function benchStitch([given = "2000000"]: string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "millimetric-bench-"));
  const clickhouse = await openEmbeddedClickHouse(folder, { maxExecutionTime: 120, maxMemoryUsage: 8_000_000_000 });
  try {
    await migrate(clickhouse);
    await clickhouse.command(readFileSync(new URL("./generate.sql", import.meta.url), "utf8"), {
      events: Number(given),
    });
    await clickhouse.command("OPTIMIZE TABLE events_v1 FINAL");
    const users = await clickhouse.query("SELECT uniqExact(user_id) AS users, count() AS events FROM events");
    const size = await clickhouse.query(
      "SELECT round(sum(bytes_on_disk) / sum(rows), 1) AS bytes FROM system.parts WHERE table = 'events_v1' AND active",
    );
    const all = { ...scope, ...always, limit: 10 };
    const seed = await median(() => clickhouse.query(`SELECT count(), max(first_seen_at) FROM (${seedRepaired})`));
    const stitched = (stitch: "time_sliced" | "all_devices") =>
      median(() => firstTouch(clickhouse, { ...all, stitch }));
    const [allDevices, sliced] = [await stitched("all_devices"), await stitched("time_sliced")];
    const path = await median(() =>
      journey(clickhouse, { ...scope, ...always, user_id: "user-4242", stitch: "time_sliced", limit: 1000 }),
    );
    const theirs = await clickhouse.query<Touch>(`${seedRepaired} ORDER BY user_id`);
    const ours = await firstTouch(clickhouse, { ...all, limit: 10_000_000, stitch: "all_devices" });
    const same = theirs.length === ours.length && theirs.every((row, index) => sameTouch(row, ours[index]));
    const ms = (value: number) => `${value.toFixed(0)} ms`.padStart(9);
    console.log(`
stitch, ${JSON.stringify(users[0])}, ${JSON.stringify(size[0])} per event, medians of 5
  first touch of all users, seed (repaired)    ${ms(seed)}
  first touch of all users, all_devices        ${ms(allDevices)}   ${(seed / allDevices).toFixed(1)}×
  first touch of all users, time_sliced        ${ms(sliced)}   ${(seed / sliced).toFixed(1)}×
  one user's journey                           ${ms(path)}
  the same users and first times as the seed's SQL under all_devices: ${same}`);
  } finally {
    await clickhouse.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
